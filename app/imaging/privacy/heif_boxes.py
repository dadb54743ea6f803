"""Read the boxes of a HEIC or AVIF (ISO/IEC 14496-12, 23008-12) that locate its items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.errors import CannotBeCleaned
from app.imaging.privacy.pieces import MAX_METADATA_BYTES, Source, check_part_count, checked_slice, read

_FULL = 4  # version and flags at the start of many boxes


@dataclass(frozen=True)
class Box:
    """One box: its type, the offset of its header, and the slice of its content."""

    name: bytes
    start: int
    body: slice


@dataclass(frozen=True)
class Item:
    """One item: its type, its media type (b"" without one), and the slices of the file that contain it."""

    kind: bytes
    media_type: bytes
    extents: tuple[slice, ...]


def content_of(source: Source, item: Item) -> bytes:
    """The bytes of a metadata item; raises CannotBeCleaned if it is too long."""
    if sum(extent.stop - extent.start for extent in item.extents) > MAX_METADATA_BYTES:
        raise CannotBeCleaned(f"A metadata item is over {MAX_METADATA_BYTES} bytes.")
    return b"".join(source[extent] for extent in item.extents)


class _Reader:
    """Reads consecutive fields of a box; raises CannotBeCleaned at its end."""

    def __init__(self, source: Source, body: slice) -> None:
        if body.stop - body.start > MAX_METADATA_BYTES:
            raise CannotBeCleaned(f"A box of item data is over {MAX_METADATA_BYTES} bytes.")
        self._data, self._at = read(source, body.start, body.stop - body.start), 0

    def number(self, size: int) -> int:
        return int.from_bytes(self.raw(size))

    def raw(self, size: int) -> bytes:
        self._at += size
        return read(self._data, self._at - size, size)

    def text(self) -> bytes:
        """Read up to a NUL and skip it."""
        found, _, _ = self._data[self._at :].partition(b"\0")
        self._at += len(found) + 1
        return found


def boxes(source: Source, body: slice) -> Iterator[Box]:
    """Yield the boxes in a slice; raises CannotBeCleaned if they do not fill it."""
    at, number = body.start, 0
    while at < body.stop:
        check_part_count(number)
        size, name, head = int.from_bytes(read(source, at, 4)), read(source, at + 4, 4), 8
        if size == 1:
            size, head = int.from_bytes(read(source, at + 8, 8)), 16
        size = size or body.stop - at
        if size < head or at + size > body.stop:
            raise CannotBeCleaned("A box does not fit into the box that contains it.")
        yield Box(name, at, slice(at + head, at + size))
        at, number = at + size, number + 1


def children(source: Source, box: Box) -> dict[bytes, Box]:
    """The boxes inside a full box, by type; raises CannotBeCleaned if a type is repeated."""
    inside = list(boxes(source, slice(box.body.start + _FULL, box.body.stop)))
    found = {each.name: each for each in inside}
    if len(found) != len(inside):
        raise CannotBeCleaned("A box contains two boxes of one type.")
    return found


def items(source: Source, meta: dict[bytes, Box]) -> list[Item]:
    """All items of the file; raises CannotBeCleaned if one is stored in another file or inside another item."""
    kinds = _kinds(source, meta[b"iinf"])
    places = _locations(source, meta[b"iloc"], meta.get(b"idat"))
    return [Item(*kinds.get(number, (b"", b"")), extents) for number, extents in places.items()]


def _kinds(source: Source, iinf: Box) -> dict[int, tuple[bytes, bytes]]:
    version = read(source, iinf.body.start, 1)[0]
    entries = slice(iinf.body.start + _FULL + (4 if version else 2), iinf.body.stop)
    found = {}
    for box in boxes(source, entries):
        reader = _Reader(source, box.body)
        version = reader.number(1)
        reader.raw(3)
        if box.name != b"infe" or version not in (2, 3):
            raise CannotBeCleaned("The item list has an unknown version or entry type.")
        number = reader.number(2 if version == 2 else 4)
        reader.raw(2)
        kind = reader.raw(4)
        reader.text()
        found[number] = kind, reader.text() if kind == b"mime" else b""
    return found


def _locations(source: Source, iloc: Box, idat: Box | None) -> dict[int, tuple[slice, ...]]:
    reader = _Reader(source, iloc.body)
    version = reader.number(1)
    reader.raw(3)
    sizes = reader.number(2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    wide = 4 if version == 2 else 2
    found = {}
    for number in range(reader.number(wide)):
        check_part_count(number)
        item, method = reader.number(wide), reader.number(2) & 15 if version else 0
        if reader.number(2) or method > 1 or (method == 1 and idat is None):
            raise CannotBeCleaned("An item is stored in another file or in another item.")
        base = reader.number(base_size) + (idat.body.start if method == 1 and idat else 0)
        extents = []
        for _ in range(reader.number(2)):
            reader.raw(index_size if version else 0)
            start, length = base + reader.number(offset_size), reader.number(length_size)
            if not length:
                raise CannotBeCleaned("An item has an extent of unknown length.")
            extents.append(checked_slice(source, start, length))
        found[item] = tuple(extents)
    return found
