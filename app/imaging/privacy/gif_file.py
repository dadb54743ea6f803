"""Clean a GIF: drop comments, XMP and other extensions, keep image data."""

from __future__ import annotations

from collections.abc import Iterator

from app.errors import CannotBeCleaned
from app.imaging.privacy.pieces import Piece, Source, check_part_count, checked_slice, read

_EXTENSION, _IMAGE, _END = 0x21, 0x2C, 0x3B
_CONTROL, _PLAIN_TEXT, _APPLICATION = 0xF9, 0x01, 0xFF
_APPLICATIONS = (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012")  # loop count and colour profile


def pieces(source: Source) -> Iterator[Piece]:
    """Yield the pieces of the cleaned file; raises CannotBeCleaned."""
    at = 13 + _table_size(read(source, 10, 1)[0])
    yield checked_slice(source, 0, at)
    for number in range(len(source)):
        check_part_count(number)
        kind = read(source, at, 1)[0]
        if kind == _END:
            yield b";"
            return
        end = _end_of(source, at, kind)
        if kind == _IMAGE or _is_kept(source, at):
            yield slice(at, end)
        at = end


def _table_size(flags: int) -> int:
    """The size of a colour table in bytes, from the flags that announce it."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _end_of(source: Source, at: int, kind: int) -> int:
    if kind == _EXTENSION:
        return _after_blocks(source, at + 2)
    if kind == _IMAGE:
        return _after_blocks(source, at + 11 + _table_size(read(source, at + 9, 1)[0]))
    raise CannotBeCleaned("The GIF has a block of an unknown type.")


def _after_blocks(source: Source, at: int) -> int:
    while size := read(source, at, 1)[0]:
        at += size + 1
    return at + 1


def _is_kept(source: Source, at: int) -> bool:
    label, name = read(source, at + 1, 1)[0], source[at + 3 : at + 14]
    return label in (_CONTROL, _PLAIN_TEXT) or (label == _APPLICATION and name in _APPLICATIONS)


def exif_of(_source: Source) -> bytes:
    """Return b"": a GIF cannot contain EXIF."""
    return b""
