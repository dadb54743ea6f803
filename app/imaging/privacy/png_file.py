"""Clean a PNG: keep image data and some texts, rebuild EXIF and XMP, drop other chunks."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from app.imaging.privacy import exif_block, xmp
from app.imaging.privacy.pieces import Piece, Source, check_part_count, checked_slice, metadata_at, read

_SIGNATURE = 8
# PNG, third edition: image data, palette and transparency, colour, animation.
_PICTURE = frozenset(
    (
        b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT tIME acTL fcTL fdAT"
    ).split()
)
_KEPT_TEXTS = (b"Title", b"Author", b"Description", b"Copyright", b"Creation Time", b"Software")
_XMP = b"XML:com.adobe.xmp"


def pieces(source: Source) -> Iterator[Piece]:
    """Yield the pieces of the cleaned file; raises CannotBeCleaned."""
    yield slice(0, _SIGNATURE)
    for name, whole, body in chunks(source):
        if name in _PICTURE:
            yield whole
        elif name == b"eXIf":
            yield from _chunk(name, exif_block.cleaned(metadata_at(source, body).removeprefix(exif_block.PREFIX)))
        elif name == b"iTXt" and metadata_at(source, body).startswith(_XMP + b"\0\0"):
            yield from _packet(metadata_at(source, body))
        elif name == b"tEXt" and metadata_at(source, body).partition(b"\0")[0] in _KEPT_TEXTS:
            yield whole


def chunks(source: Source) -> Iterator[tuple[bytes, slice, slice]]:
    """Yield name, slice and content slice of each chunk up to IEND; raises CannotBeCleaned."""
    at, number, name = _SIGNATURE, 0, b""
    while name != b"IEND":
        check_part_count(number)
        size, name = int.from_bytes(read(source, at, 4)), read(source, at + 4, 4)
        yield name, checked_slice(source, at, size + 12), slice(at + 8, at + 8 + size)
        at, number = at + size + 12, number + 1


def _packet(text: bytes) -> Iterator[bytes]:
    """The cleaned iTXt chunk of XMP: keyword, compression flag and method, language, translated keyword, text."""
    head = _XMP + b"\0\0\0"
    _, _, rest = text[len(head) :].partition(b"\0")
    packet = xmp.cleaned(rest.partition(b"\0")[2])
    return _chunk(b"iTXt", head + b"\0\0" + packet if packet else b"")


def _chunk(name: bytes, content: bytes) -> Iterator[bytes]:
    if content:
        yield len(content).to_bytes(4) + name + content + zlib.crc32(name + content).to_bytes(4)


def exif_of(source: Source) -> bytes:
    """The EXIF block of the source; b"" without one."""
    return next((metadata_at(source, body) for name, _, body in chunks(source) if name == b"eXIf"), b"")
