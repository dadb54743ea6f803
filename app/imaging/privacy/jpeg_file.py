"""Clean a JPEG: keep image data, rebuild EXIF, XMP and IPTC, drop everything after the end marker (EOI).

A second image (MPO), a video (motion photos) or a maker's trailer may follow EOI; each may contain the location.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.errors import CannotBeCleaned
from app.imaging.formats import jpeg_start
from app.imaging.privacy import exif_block, iptc, xmp
from app.imaging.privacy.jpeg_segments import APP0, APP1, APP2, APP13, APP14, PICTURE, Segment, segments
from app.imaging.privacy.pieces import Piece, Source

_XMP = b"http://ns.adobe.com/xap/1.0/\0"
# Segments that are kept, by marker and first bytes: JFIF, colour profile, Adobe's colour transform.
_KEPT = {APP0: b"JFIF\0", APP2: b"ICC_PROFILE\0", APP14: b"Adobe"}
_MAX_CONTENT_BYTES = 65_533  # of a segment after its length field


def pieces(source: Source) -> Iterator[Piece]:
    """Yield the pieces of the cleaned file; raises CannotBeCleaned."""
    start = jpeg_start(source[:64])
    found = list(segments(source, start))
    if not any(each.marker in range(0xC0, 0xD0) for each in found):
        raise CannotBeCleaned("The JPEG has no frame header.")
    yield b"\xff\xd8"
    yield from (each.place for each in found if each.marker == APP0 and _is_kept(source, each))
    yield from _rewritten(source, found)
    yield from (each.place for each in found if each.marker != APP0 and _is_kept(source, each))
    yield b"\xff\xd9"


def _is_kept(source: Source, each: Segment) -> bool:
    head = _KEPT.get(each.marker)
    return each.marker in PICTURE or (head is not None and source[each.body].startswith(head))


def _rewritten(source: Source, found: list[Segment]) -> Iterator[bytes]:
    exif = _first(source, found, exif_block.PREFIX)
    if block := exif_block.cleaned(exif):
        yield _segment(APP1, exif_block.PREFIX + block)
    if packet := xmp.cleaned(_first(source, found, _XMP)):
        yield _segment(APP1, _XMP + packet)
    resources = [source[each.body] for each in found if each.marker == APP13]
    joined = b"".join(each.removeprefix(iptc.HEAD) for each in resources if each.startswith(iptc.HEAD))
    if records := iptc.cleaned(joined):
        yield _segment(APP13, records)


def _first(source: Source, found: list[Segment], head: bytes) -> bytes:
    bodies = (source[each.body] for each in found if each.marker == APP1)
    return next((body.removeprefix(head) for body in bodies if body.startswith(head)), b"")


def _segment(marker: int, content: bytes) -> bytes:
    """The bytes of a segment; b"" if the content is too long for one."""
    fits = len(content) <= _MAX_CONTENT_BYTES
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2) + content if fits else b""


def exif_of(source: Source) -> bytes:
    """The EXIF block of the source; b"" without one."""
    return _first(source, list(segments(source, jpeg_start(source[:64]))), exif_block.PREFIX)
