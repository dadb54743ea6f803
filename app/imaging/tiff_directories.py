"""Hide from Pillow the TIFF tags that it cannot read, or that would take much time or memory."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Literal

from app.imaging.spliced import Part

MAX_DIRECTORIES = 64
MAX_ENTRIES = 4096
MAX_VALUE_BYTES = 4_000_000
# Pillow takes 10 µs for each rational; at most three are needed, for a coordinate.
MAX_RATIONAL_BYTES = 4096
_RATIONALS = frozenset({5, 10})
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
# The tags that a decoder needs for the pixels (TIFF 6.0, and the technical notes).
_PIXEL_TAGS = frozenset(
    {*range(254, 260), 262, 263, 264, 265, 266, 273, 274, 277, *range(278, 285), 290, 291, 292, 293, 296, 297}
    | {301, 317, *range(318, 326), 330, *range(332, 340), 340, 341, 342, 347, *range(512, 533), 32995, 32996, 32997}
)

Order = Literal["little", "big"]


@dataclass(frozen=True)
class Shape:
    """Byte order of a file, and field sizes in bytes, which differ in BigTIFF."""

    order: Order
    count: int  # of the number of entries
    entry: int
    offset: int  # of an offset, or of a value stored in its place


def parts_of(stream: IO[bytes]) -> list[Part]:
    """The parts of the file, with harmful directory entries replaced."""
    end = stream.seek(0, io.SEEK_END)
    parts: list[Part] = []
    at = 0
    for position, entry in sorted(_harmful(stream, end)):
        parts += [range(at, position), entry]
        at = position + len(entry)
    return [*parts, range(at, end)]


def _harmful(stream: IO[bytes], end: int) -> Iterator[tuple[int, bytes]]:
    """Yield the position of each harmful entry and its replacement, a single byte of value 0."""
    shape = _shape(stream)
    seen: set[int] = set()
    at = _number(stream, shape.offset, shape.offset, shape) if shape else 0
    while shape and at and at not in seen and len(seen) < MAX_DIRECTORIES:
        seen.add(at)
        count = _number(stream, at, shape.count, shape)
        if count > MAX_ENTRIES:
            return
        first = at + shape.count
        stream.seek(first)
        entries = stream.read(count * shape.entry)
        for start in range(0, len(entries) - shape.entry + 1, shape.entry):
            entry = entries[start : start + shape.entry]
            if _is_harmful(entry, end, shape):
                yield first + start, _replacement(entry, shape)
        at = _number(stream, first + count * shape.entry, shape.offset, shape)


def _shape(stream: IO[bytes]) -> Shape | None:
    stream.seek(0)
    head = stream.read(4)
    order: Order = "little" if head[:2] == b"II" else "big"
    magic = int.from_bytes(head[2:], order)
    return {42: Shape(order, 2, 12, 4), 43: Shape(order, 8, 20, 8)}.get(magic)


def _number(stream: IO[bytes], at: int, size: int, shape: Shape) -> int:
    stream.seek(at)
    return int.from_bytes(stream.read(size), shape.order)


def _is_harmful(entry: bytes, end: int, shape: Shape) -> bool:
    tag, kind = (int.from_bytes(entry[at : at + 2], shape.order) for at in (0, 2))
    length = _SIZES.get(kind, 1) * int.from_bytes(entry[4 : -shape.offset], shape.order)
    if tag in _PIXEL_TAGS or length <= shape.offset:
        return False
    most = MAX_RATIONAL_BYTES if kind in _RATIONALS else MAX_VALUE_BYTES
    return length > most or int.from_bytes(entry[-shape.offset :], shape.order) + length > end


def _replacement(entry: bytes, shape: Shape) -> bytes:
    one = (1).to_bytes(2, shape.order) + (1).to_bytes(shape.entry - 4 - shape.offset, shape.order)
    return entry[:2] + one + bytes(shape.offset)
