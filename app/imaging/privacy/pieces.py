"""The pieces of a cleaned file: slices of the source, and new bytes."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator

from app.errors import CannotBeCleaned

Source = bytes | mmap.mmap
Piece = bytes | slice
COPY_BYTES = 1 << 20
MAX_PARTS = 100_000  # segments, chunks or blocks of one file; a PNG of 200 MB in chunks of 8 KB has 25,000
MAX_METADATA_BYTES = 4_000_000  # of EXIF or XMP; a JPEG segment has up to 64 KB


def copied(source: Source, piece: Piece) -> Iterator[bytes]:
    """Yield the bytes of a piece, a megabyte at a time."""
    if isinstance(piece, bytes):
        yield piece
        return
    for start in range(piece.start, piece.stop, COPY_BYTES):
        yield source[start : min(start + COPY_BYTES, piece.stop)]


def size_of(pieces: Iterable[Piece]) -> int:
    """The total size of the pieces in bytes."""
    return sum(len(piece) if isinstance(piece, bytes) else piece.stop - piece.start for piece in pieces)


def checked_slice(source: Source, start: int, size: int) -> slice:
    """The slice of `size` bytes at `start`; raises CannotBeCleaned if it is not within the source."""
    if size < 0 or start < 0 or start + size > len(source):
        raise cut_short()
    return slice(start, start + size)


def read(source: Source, start: int, size: int) -> bytes:
    """The `size` bytes at `start`; raises CannotBeCleaned if they are not within the source."""
    return source[checked_slice(source, start, size)]


def metadata_at(source: Source, place: slice) -> bytes:
    """The bytes of a slice with metadata; b"" if it is over MAX_METADATA_BYTES, so that it is dropped."""
    return source[place] if place.stop - place.start <= MAX_METADATA_BYTES else b""


def cut_short() -> CannotBeCleaned:
    """The error for a file that is damaged or ends too early."""
    return CannotBeCleaned("The file is damaged or cut short.")


def check_part_count(number: int) -> None:
    """Raise CannotBeCleaned if `number` is over the limit for the parts of one file."""
    if number > MAX_PARTS:
        raise CannotBeCleaned(f"The file has over {MAX_PARTS} segments, chunks, blocks or boxes.")
