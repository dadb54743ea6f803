"""A PNG without place and serial numbers: the chunks of its picture as they are, EXIF and XMP anew, few words."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from app.imaging.privacy import exif_block, xmp
from app.imaging.privacy.pieces import Piece, Source, count_part, stretch, take, words

_SIGNATURE = 8
# PNG, third edition: the picture, its palette and transparency, colour, animation.
_PICTURE = frozenset(
    (
        b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT tIME acTL fcTL fdAT"
    ).split()
)
_WORDS = (b"Title", b"Author", b"Description", b"Copyright", b"Creation Time", b"Software")
_XMP = b"XML:com.adobe.xmp"


def pieces(source: Source) -> Iterator[Piece]:
    """What the cleaned file consists of; raises CannotBeCleaned."""
    yield slice(0, _SIGNATURE)
    for name, whole, body in chunks(source):
        if name in _PICTURE:
            yield whole
        elif name == b"eXIf":
            yield from _chunk(name, exif_block.cleaned(words(source, body).removeprefix(exif_block.PREFIX)))
        elif name == b"iTXt" and words(source, body).startswith(_XMP + b"\0\0"):
            yield from _packet(words(source, body))
        elif name == b"tEXt" and words(source, body).partition(b"\0")[0] in _WORDS:
            yield whole


def chunks(source: Source) -> Iterator[tuple[bytes, slice, slice]]:
    """Name, place and content of each chunk up to IEND; raises CannotBeCleaned."""
    at, number, name = _SIGNATURE, 0, b""
    while name != b"IEND":
        count_part(number)
        size, name = int.from_bytes(take(source, at, 4)), take(source, at + 4, 4)
        yield name, stretch(source, at, size + 12), slice(at + 8, at + 8 + size)
        at, number = at + size + 12, number + 1


def _packet(text: bytes) -> Iterator[bytes]:
    """XMP in a text chunk: a flag and a method of compression, language, translated keyword, text."""
    head = _XMP + b"\0\0\0"
    _, _, rest = text[len(head) :].partition(b"\0")
    packet = xmp.cleaned(rest.partition(b"\0")[2])
    return _chunk(b"iTXt", head + b"\0\0" + packet if packet else b"")


def _chunk(name: bytes, content: bytes) -> Iterator[bytes]:
    if content:
        yield len(content).to_bytes(4) + name + content + zlib.crc32(name + content).to_bytes(4)


def exif_of(source: Source) -> bytes:
    """The EXIF block as it stands in the source; b"" if there is none."""
    return next((words(source, body) for name, _, body in chunks(source) if name == b"eXIf"), b"")
