"""An original without place and serial numbers, its picture and colour profile as they are; else it is refused."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from app.errors import CannotBeCleaned
from app.imaging import formats
from app.imaging.formats import ImageFormat
from app.imaging.privacy import exif_block, gif_file, heif_file, jpeg_file, png_file, residue, webp_file
from app.imaging.privacy.pieces import Piece, Source, written
from app.imaging.traces import Inspection


@dataclass(frozen=True)
class _Writer:
    """How a format is taken apart: what its cleaned file consists of, and where its EXIF stands."""

    pieces: Callable[[Source], Iterator[Piece]]
    exif_of: Callable[[Source], bytes]


@dataclass(frozen=True)
class Cleaned:
    """What was written: its format, and its size in pixels as they are stored."""

    format: ImageFormat
    width: int
    height: int


_WRITERS: dict[str, _Writer] = {
    "jpeg": _Writer(jpeg_file.pieces, jpeg_file.exif_of),
    "png": _Writer(png_file.pieces, png_file.exif_of),
    "webp": _Writer(webp_file.pieces, webp_file.exif_of),
    "gif": _Writer(gif_file.pieces, gif_file.exif_of),
    "heic": _Writer(heif_file.pieces, heif_file.exif_of),
    "avif": _Writer(heif_file.pieces, heif_file.exif_of),
}
CLEANED = frozenset(formats.by_name(name).mime for name in _WRITERS)


def cleans(mime_type: str) -> bool:
    """Whether files of this type can be cleaned at all; a damaged one is refused all the same."""
    return mime_type in CLEANED


def clean(original: BinaryIO, target: BinaryIO) -> Cleaned:
    """Write an original (a real file) without place and serial numbers into an empty real file.

    Raises CannotBeCleaned, with nothing in `target` that anybody may have.
    """
    original.seek(0)
    kind = formats.sniff(original.read(64))
    writer = _WRITERS.get(kind.name) if kind else None
    if kind is None or writer is None:
        raise CannotBeCleaned(f"{kind.label if kind else 'Unknown'} files cannot be cleaned.")
    with mmap.mmap(original.fileno(), 0, access=mmap.ACCESS_READ) as source:
        for piece in writer.pieces(source):
            for part in written(source, piece):
                target.write(part)
        secrets = exif_block.secrets(writer.exif_of(source))
    target.flush()
    with mmap.mmap(target.fileno(), 0, access=mmap.ACCESS_READ) as content:
        width, height = residue.check(original, target, kind, secrets, content)
    return Cleaned(kind, width, height)


def inspect(content: bytes, format_name: str) -> Inspection:
    """A cleaned original as it lies in the store: its size, and the names of what it tells; raises ImageError."""
    return residue.inspect(content, formats.by_name(format_name))
