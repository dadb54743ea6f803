"""Clean a HEIC or AVIF in place.

Boxes refer to offsets all over the file, so nothing is moved: EXIF and XMP are overwritten with cleaned data of the
same length, and bytes that belong to no image item with zeros.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from app.errors import CannotBeCleaned
from app.imaging.privacy import exif_block, xmp
from app.imaging.privacy.heif_boxes import Box, Item, boxes, children, content_of, items
from app.imaging.privacy.pieces import COPY_BYTES, Piece, Source

_PICTURES = frozenset((b"hvc1", b"hev1", b"av01", b"grid", b"iden", b"iovl", b"tmap"))
_META = frozenset((b"hdlr", b"dinf", b"pitm", b"iloc", b"iinf", b"iprp", b"iref", b"idat", b"grpl", b"free"))
_PROPERTIES = frozenset(
    (
        *(b"hvcC", b"av1C", b"lhvC", b"ispe", b"pixi", b"pasp", b"colr", b"clli", b"mdcv", b"cclv", b"amve", b"reve"),
        *(b"irot", b"imir", b"clap", b"auxC", b"rloc", b"a1op", b"a1lx", b"lsel", b"oinf", b"tols", b"crtt", b"free"),
    )
)
_XMP_TYPE = b"application/rdf+xml"
_EMPTY_EXIF = b"II*\0\x08\0\0\0\0\0\0\0\0\0"
_EMPTY_XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'
_MAX_FTYP_BYTES = 256
_MAX_DATA_BOXES = 64

Patch = tuple[int, int, bytes | None]  # start, stop, and the bytes to write there; None keeps the bytes


def pieces(source: Source) -> Iterator[Piece]:
    """Yield the pieces of the cleaned file, which is as long as the source; raises CannotBeCleaned."""
    top = list(boxes(source, slice(0, len(source))))
    meta = _meta(source, top)
    patches = _patches(source, items(source, meta))
    data_boxes = [box for box in (*top, *meta.values()) if box.name in (b"mdat", b"idat")]
    _check_locations(patches, data_boxes)
    for box in top:
        if box.name == b"mdat":
            yield slice(box.start, box.body.start)
            yield from _patched(box.body, patches)
        elif box.name == b"meta":
            yield from _meta_pieces(box, meta.get(b"idat"), patches)
        elif box.name == b"ftyp" and box.body.stop - box.start <= _MAX_FTYP_BYTES:
            yield slice(box.start, box.body.stop)
        else:
            yield source[box.start : box.start + 4] + b"free" + source[box.start + 8 : box.body.start]
            yield from _zeros(box.body.start, box.body.stop)


def _meta(source: Source, top: list[Box]) -> dict[bytes, Box]:
    """The boxes in the meta box, by type; raises CannotBeCleaned for a video or an unknown box."""
    names = [box.name for box in top]
    if names.count(b"meta") != 1 or b"moov" in names:
        raise CannotBeCleaned("The file holds a video, or not exactly one meta box.")
    meta = children(source, next(box for box in top if box.name == b"meta"))
    if not _META >= meta.keys() >= {b"iinf", b"iloc", b"iprp"}:
        raise CannotBeCleaned("The meta box lacks a required box or holds an unknown one.")
    ipco = _property_list(source, meta[b"iprp"])
    if ipco is None or any(box.name not in _PROPERTIES for box in boxes(source, ipco.body)):
        raise CannotBeCleaned("The item properties are unreadable or of an unknown type.")
    return meta


def _property_list(source: Source, iprp: Box) -> Box | None:
    """The `ipco` box; None unless it is followed by exactly one `ipma`."""
    inside = list(boxes(source, iprp.body))
    return inside[0] if [box.name for box in inside] == [b"ipco", b"ipma"] else None


def _patches(source: Source, found: list[Item]) -> list[Patch]:
    """The ranges to keep and to overwrite, sorted; raises CannotBeCleaned if such ranges overlap."""
    patches: list[Patch] = []
    for item in found:
        if item.kind in _PICTURES:
            patches += [(extent.start, extent.stop, None) for extent in item.extents]
        elif item.kind == b"Exif" or (item.kind, item.media_type) == (b"mime", _XMP_TYPE):
            patches += _rewritten(source, item)
    patches.sort(key=lambda patch: patch[:2])
    for before, after in pairwise(patches):
        if before[1] > after[0] and not (before[2] is None and after[2] is None):
            raise CannotBeCleaned("Two items overlap.")
    return patches


def _rewritten(source: Source, item: Item) -> Iterator[Patch]:
    """Yield patches with the cleaned content of a metadata item, padded to its length."""
    old = content_of(source, item)
    new = _exif(old) if item.kind == b"Exif" else xmp.cleaned(old).ljust(len(old)) or b""
    if len(new) > len(old) or not new.strip():
        new = b"\0\0\0\0" + _EMPTY_EXIF if item.kind == b"Exif" else _EMPTY_XMP.ljust(len(old))
    new = new.ljust(len(old), b"\0")[: len(old)]
    for extent in item.extents:
        length = extent.stop - extent.start
        yield extent.start, extent.stop, new[:length]
        new = new[length:]


def _exif(old: bytes) -> bytes:
    block = exif_block.cleaned(_tiff(old))
    return b"\0\0\0\0" + block if block else b""


def _tiff(content: bytes) -> bytes:
    """The TIFF structure of an Exif item, which begins with the number of bytes before it."""
    return content[4 + int.from_bytes(content[:4]) :].removeprefix(exif_block.PREFIX)


def _check_locations(patches: list[Patch], data_boxes: list[Box]) -> None:
    if len(data_boxes) > _MAX_DATA_BOXES:
        raise CannotBeCleaned(f"The file has over {_MAX_DATA_BOXES} media data boxes.")
    for start, stop, _ in patches:
        if not any(box.body.start <= start and stop <= box.body.stop for box in data_boxes):
            raise CannotBeCleaned("An item lies outside the media data boxes.")


def _meta_pieces(box: Box, idat: Box | None, patches: list[Patch]) -> Iterator[Piece]:
    if idat is None:
        yield slice(box.start, box.body.stop)
        return
    yield slice(box.start, idat.body.start)
    yield from _patched(idat.body, patches)
    yield slice(idat.body.stop, box.body.stop)


def _patched(body: slice, patches: list[Patch]) -> Iterator[Piece]:
    """Yield the pieces that replace a range of the file: its patches, with zeros between them."""
    at = body.start
    for start, stop, new in patches:
        if start >= body.stop or stop <= at:
            continue
        yield from _zeros(at, start)
        yield slice(max(at, start), stop) if new is None else new
        at = stop
    yield from _zeros(at, body.stop)


def _zeros(start: int, stop: int) -> Iterator[bytes]:
    for at in range(start, stop, COPY_BYTES):
        yield bytes(min(COPY_BYTES, stop - at))


def exif_of(source: Source) -> bytes:
    """The EXIF block of the source; b"" without one."""
    meta = _meta(source, list(boxes(source, slice(0, len(source)))))
    for item in items(source, meta):
        if item.kind == b"Exif" and item.extents:
            return _tiff(content_of(source, item))
    return b""
