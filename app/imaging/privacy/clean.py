"""Write a copy of an original without location and serial numbers, with image data and colour profile unchanged."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from app.errors import CannotBeCleaned
from app.imaging import formats
from app.imaging.formats import ImageFormat
from app.imaging.privacy import exif_block, gif_file, heif_file, jpeg_file, png_file, residue, webp_file
from app.imaging.privacy.pieces import Piece, Source, copied
from app.imaging.traces import Inspection


@dataclass(frozen=True)
class _Writer:
    """The functions of a format that return the pieces of a cleaned file, and the EXIF of the source."""

    pieces: Callable[[Source], Iterator[Piece]]
    exif_of: Callable[[Source], bytes]


@dataclass(frozen=True)
class Cleaned:
    """The format of a cleaned file, and its size in pixels as stored."""

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
    """Whether files of this MIME type can be cleaned; `clean` still rejects damaged ones."""
    return mime_type in CLEANED


def clean(original: BinaryIO, target: BinaryIO) -> Cleaned:
    """Write a cleaned copy of `original` to the empty `target`; both need a file descriptor.

    Raises CannotBeCleaned or another ImageError; the content of `target` must not be used then.
    """
    original.seek(0)
    kind = formats.sniff(original.read(64))
    writer = _WRITERS.get(kind.name) if kind else None
    if kind is None or writer is None:
        raise CannotBeCleaned(f"{kind.label if kind else 'Unknown'} files cannot be cleaned.")
    with mmap.mmap(original.fileno(), 0, access=mmap.ACCESS_READ) as source:
        for piece in writer.pieces(source):
            for part in copied(source, piece):
                target.write(part)
        private_values = exif_block.private_values(writer.exif_of(source))
    target.flush()
    with mmap.mmap(target.fileno(), 0, access=mmap.ACCESS_READ) as content:
        width, height = residue.check(original, target, kind, private_values, content)
    return Cleaned(kind, width, height)


def inspect(content: bytes, format_name: str) -> Inspection:
    """The size of a stored cleaned original, and the names of private data in it; raises ImageError."""
    return residue.inspect(content, formats.by_name(format_name))
