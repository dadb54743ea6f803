"""What a cleaned file is put together from: stretches of the source as they are, and bytes in place of others."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator

from app.errors import CannotBeCleaned

Source = bytes | mmap.mmap
Piece = bytes | slice
COPY_BYTES = 1 << 20
MOST_PARTS = 100_000  # segments, chunks or blocks of one file; a PNG of 200 MB in chunks of 8 KB has 25,000

MOST_WORDS = 4_000_000  # bytes of EXIF or XMP; a segment of a JPEG takes 64 KB of it


def written(source: Source, piece: Piece) -> Iterator[bytes]:
    """The bytes of a piece, a megabyte at a time."""
    if isinstance(piece, bytes):
        yield piece
        return
    for start in range(piece.start, piece.stop, COPY_BYTES):
        yield source[start : min(start + COPY_BYTES, piece.stop)]


def size_of(pieces: Iterable[Piece]) -> int:
    """How many bytes the pieces make."""
    return sum(len(piece) if isinstance(piece, bytes) else piece.stop - piece.start for piece in pieces)


def stretch(source: Source, start: int, size: int) -> slice:
    """A stretch of the source; raises CannotBeCleaned where it ends before that."""
    if size < 0 or start < 0 or start + size > len(source):
        raise cut_short()
    return slice(start, start + size)


def take(source: Source, start: int, size: int) -> bytes:
    """The bytes of a stretch; raises CannotBeCleaned."""
    return source[stretch(source, start, size)]


def words(source: Source, place: slice) -> bytes:
    """The bytes of a stretch that holds words or tags; b"" for what is too long for such, and stays behind."""
    return source[place] if place.stop - place.start <= MOST_WORDS else b""


def cut_short() -> CannotBeCleaned:
    """The error for a file whose parts say that there is more of it than there is."""
    return CannotBeCleaned("The file is damaged or cut short.")


def count_part(number: int) -> None:
    """Raise CannotBeCleaned if `number` is over the limit for the parts of one file."""
    if number > MOST_PARTS:
        raise CannotBeCleaned(f"The file has over {MOST_PARTS} segments, chunks, blocks or boxes.")
