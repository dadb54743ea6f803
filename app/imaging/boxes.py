"""Read the main image's properties in a HEIC or AVIF (ISO/IEC 14496-12 and 23008-12), even if the file is damaged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

Property = tuple[bytes, bytes]  # type and content
# A grid of 500 megapixels in tiles of 512 x 512 takes 60 KB.
_MOST_BYTES = 4_000_000
_MOST_BOXES = 64
_FULL = 4  # version and flags at the start of many boxes


def properties(stream: BinaryIO) -> list[Property]:
    """The main image's properties; empty if the boxes cannot be read.

    A tiled image may have colour only in its tiles; then all colour properties of the file are appended.
    """
    meta = dict(_inside(_meta(stream)[_FULL:]))
    parts = list(_inside(meta.get(b"iprp", b"")))
    listed = [each for name, body in parts if name == b"ipco" for each in _inside(body)]
    primary = int.from_bytes(meta.get(b"pitm", b"")[_FULL:])
    numbers = [number for name, body in parts if name == b"ipma" for number in _property_indices(body, primary)]
    own = [listed[number - 1] for number in numbers if 0 < number <= len(listed)]
    has_colour = any(name == b"colr" for name, _ in own)
    return own if has_colour else own + [each for each in listed if each[0] == b"colr"]


def are_whole(stream: BinaryIO) -> bool:
    """Whether the last top-level box ends exactly at the end of the file; False for a truncated file."""
    length, end, found = stream.seek(0, 2), 0, set()
    for name, start, stop in _outermost(stream):
        end = stop
        found.add(name)
        if start >= stop:
            return False
    return end == length and b"meta" in found


def _meta(stream: BinaryIO) -> bytes:
    for name, start, stop in _outermost(stream):
        if name == b"meta":
            stream.seek(start)
            return stream.read(min(stop - start, _MOST_BYTES))
    return b""


def _outermost(stream: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Yield type, start of content and declared end of each top-level box."""
    length, at = stream.seek(0, 2), 0
    for _ in range(_MOST_BOXES):
        stream.seek(at)
        head = stream.read(16)
        if len(head) < 8:
            return
        size, name, body = _head(head, length - at)
        yield name, at + body, at + size
        at += max(size, 8)


def _inside(data: bytes) -> Iterator[Property]:
    at = 0
    while at + 8 <= len(data):
        size, name, body = _head(data[at : at + 16], len(data) - at)
        if size < body:
            return
        yield name, data[at + body : at + size]
        at += size


def _head(head: bytes, left: int) -> tuple[int, bytes, int]:
    """Size, type and header length of a box; a size of 0 means `left`."""
    size, name = int.from_bytes(head[:4]), head[4:8]
    if size == 1:
        return int.from_bytes(head[8:16]), name, 16
    return size or left, name, 8


def _property_indices(body: bytes, item: int) -> list[int]:
    """The indices (from 1) of an item's properties, from an `ipma` box."""
    wide_item, wide_index = body[:1] > b"\0", body[3:4] and body[3] & 1
    at = _FULL + 4
    while at < len(body):
        found = int.from_bytes(body[at : at + (4 if wide_item else 2)])
        at += 4 if wide_item else 2
        step = 2 if wide_index else 1
        indices = body[at + 1 : at + 1 + step * int.from_bytes(body[at : at + 1])]
        at += 1 + step * int.from_bytes(body[at : at + 1])
        if found == item:
            mask = 0x7FFF if wide_index else 0x7F
            return [int.from_bytes(indices[start : start + step]) & mask for start in range(0, len(indices), step)]
    return []
