"""Find the main page of a TIFF; some programs write a reduced copy or a mask before it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

MAX_PAGES = 100
MAX_TAGS = 4096  # of one page; cameras write fewer than 100
_SUBFILE_TYPE, _OLD_SUBFILE_TYPE = 0x00FE, 0x00FF
_REDUCED, _MASK = 1, 4  # bits of NewSubfileType (TIFF 6.0, page 36)
_OLD_REDUCED = 2


def main_page(stream: BinaryIO) -> int | None:
    """The index (from 0) of the first page that is neither a reduced copy nor a mask; None without one."""
    for number, tags in zip(range(MAX_PAGES), _pages(stream), strict=False):
        if not tags.get(_SUBFILE_TYPE, 0) & (_REDUCED | _MASK) and tags.get(_OLD_SUBFILE_TYPE) != _OLD_REDUCED:
            return number
    return None


def _pages(stream: BinaryIO) -> Iterator[dict[int, int]]:
    """Yield each directory's values by tag, read as SHORT or LONG, up to the first damaged or repeated one."""
    stream.seek(0)
    head = stream.read(16).ljust(16, b"\0")
    order, big = ("<" if head[:2] == b"II" else ">"), 43 in (head[2], head[3])
    (at,) = struct.unpack(order + "Q", head[8:]) if big else struct.unpack(order + "I", head[4:8])
    seen: set[int] = set()
    while 0 < at < 2**63 and at not in seen:
        seen.add(at)
        stream.seek(at)
        found = _directory(stream, order, big=big)
        if found is None:
            return
        tags, at = found
        yield tags


def _directory(stream: BinaryIO, order: str, *, big: bool) -> tuple[dict[int, int], int] | None:
    """The values by tag of one directory and the offset of the next; None if it is cut short."""
    count, entry, pointer = (8, 20, 8) if big else (2, 12, 4)
    entries = int.from_bytes(stream.read(count), "little" if order == "<" else "big")
    if entries > MAX_TAGS:
        return None
    body = stream.read(entries * entry + pointer)
    if len(body) < entries * entry + pointer:
        return None
    tags = {}
    for start in range(0, entries * entry, entry):
        tag, kind = struct.unpack_from(order + "HH", body, start)
        value = entry - pointer + start
        tags[tag] = struct.unpack_from(order + ("H" if kind == 3 else "I"), body, value)[0]
    (following,) = struct.unpack(order + ("Q" if big else "I"), body[-pointer:])
    return tags, following
