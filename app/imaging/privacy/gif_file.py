"""A GIF without what programs wrote into it: comments, XMP and other extensions stay behind, the picture does not."""

from __future__ import annotations

from collections.abc import Iterator

from app.errors import CannotBeCleaned
from app.imaging.privacy.pieces import Piece, Source, count_part, stretch, take

_EXTENSION, _IMAGE, _END = 0x21, 0x2C, 0x3B
_CONTROL, _PLAIN_TEXT, _APPLICATION = 0xF9, 0x01, 0xFF
_APPLICATIONS = (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012")  # how often to play it, and its colours


def pieces(source: Source) -> Iterator[Piece]:
    """What the cleaned file consists of; raises CannotBeCleaned."""
    at = 13 + _table(take(source, 10, 1)[0])
    yield stretch(source, 0, at)
    for number in range(len(source)):
        count_part(number)
        kind = take(source, at, 1)[0]
        if kind == _END:
            yield b";"
            return
        end = _end_of(source, at, kind)
        if kind == _IMAGE or _is_kept(source, at):
            yield slice(at, end)
        at = end


def _table(flags: int) -> int:
    """Bytes of the colour table that these flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _end_of(source: Source, at: int, kind: int) -> int:
    if kind == _EXTENSION:
        return _after_blocks(source, at + 2)
    if kind == _IMAGE:
        return _after_blocks(source, at + 11 + _table(take(source, at + 9, 1)[0]))
    raise CannotBeCleaned("The GIF has a block of an unknown type.")


def _after_blocks(source: Source, at: int) -> int:
    while size := take(source, at, 1)[0]:
        at += size + 1
    return at + 1


def _is_kept(source: Source, at: int) -> bool:
    label, name = take(source, at + 1, 1)[0], source[at + 3 : at + 14]
    return label in (_CONTROL, _PLAIN_TEXT) or (label == _APPLICATION and name in _APPLICATIONS)


def exif_of(_source: Source) -> bytes:
    """Nothing: a GIF has no place for EXIF."""
    return b""
