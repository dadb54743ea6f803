"""Encode directories of tags as an EXIF block (TIFF 6.0, section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PIL.ExifTags import IFD

Order = Literal["little", "big"]
LONG = 4  # the type of an offset
START, LENGTH = 0x0201, 0x0202  # of the thumbnail


@dataclass(frozen=True)
class Entry:
    """The value of one tag: its type, number of values, and bytes."""

    kind: int
    count: int
    value: bytes


Directory = dict[int, Entry]


def exif_bytes(
    order: Order, main: Directory, photo: Directory, interop: Directory, small: Directory, thumbnail: bytes
) -> bytes:
    """The bytes of an EXIF block with these directories; `small` describes the thumbnail."""
    at = 8 + _size(_linked(main, order, {IFD.Exif: 0} if photo or interop else {}))
    if photo or interop:
        main = _linked(main, order, {IFD.Exif: at})
        parts = _nested(order, photo, interop, at)
    else:
        parts = b""
    small_at = at + len(parts)
    head = (b"II*\0" if order == "little" else b"MM\0*") + (8).to_bytes(4, order)
    first = head + _directory(main, 8, order, small_at if thumbnail else 0)
    return first + parts + (_with_thumbnail(order, small, thumbnail, small_at) if thumbnail else b"")


def _nested(order: Order, photo: Directory, interop: Directory, at: int) -> bytes:
    if not interop:
        return _directory(photo, at, order)
    behind = at + _size(_linked(photo, order, {IFD.Interop: 0}))
    return _directory(_linked(photo, order, {IFD.Interop: behind}), at, order) + _directory(interop, behind, order)


def _with_thumbnail(order: Order, small: Directory, thumbnail: bytes, at: int) -> bytes:
    size = _size(_linked(small, order, {START: 0, LENGTH: 0}))
    return _directory(_linked(small, order, {START: at + size, LENGTH: len(thumbnail)}), at, order) + thumbnail


def _linked(directory: Directory, order: Order, links: dict[int, int]) -> Directory:
    return directory | {int(tag): Entry(LONG, 1, value.to_bytes(4, order)) for tag, value in links.items()}


def _size(directory: Directory) -> int:
    return 6 + sum(12 + (_even(len(each.value)) if len(each.value) > 4 else 0) for each in directory.values())


def _even(length: int) -> int:
    return length + length % 2


def _directory(directory: Directory, at: int, order: Order, following: int = 0) -> bytes:
    rows, values = [], b""
    behind = at + 6 + 12 * len(directory)
    for tag, entry in sorted(directory.items()):
        if len(entry.value) <= 4:
            field = entry.value.ljust(4, b"\0")
        else:
            field = (behind + len(values)).to_bytes(4, order)
            values += entry.value.ljust(_even(len(entry.value)), b"\0")
        head = tag.to_bytes(2, order) + entry.kind.to_bytes(2, order) + entry.count.to_bytes(4, order)
        rows.append(head + field)
    return len(directory).to_bytes(2, order) + b"".join(rows) + following.to_bytes(4, order) + values
