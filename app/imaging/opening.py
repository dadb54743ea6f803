"""Open images with Pillow, with broken and oversized metadata hidden from it."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import IO, BinaryIO, cast

from PIL import Image

from app.imaging import formats, gif_blocks, tiff_directories, webp_chunks
from app.imaging.formats import ImageFormat
from app.imaging.jpeg_segments import read_header
from app.imaging.png_chunks import FilteredChunks
from app.imaging.spliced import Part, Spliced

# By format, the function that returns the parts of a file to show to Pillow.
PARTS_OF: dict[str, Callable[[IO[bytes]], list[Part]]] = {
    formats.GIF.name: gif_blocks.parts_of,
    formats.TIFF.name: tiff_directories.parts_of,
    formats.WEBP.name: webp_chunks.parts_of,
}
# Set once for the process: a hostile file causes thousands of Pillow warnings, and each is kept in memory.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


def open_image(stream: BinaryIO, row: ImageFormat) -> Image.Image:
    """The image that begins at position 0, not yet decoded; raises any exception of Pillow."""
    if row is formats.JPEG:
        return open_jpeg(stream)
    if row is formats.PNG:
        stream = cast(BinaryIO, FilteredChunks(stream))
    elif parts_of := PARTS_OF.get(row.name):
        stream = cast(BinaryIO, Spliced(stream, parts_of(stream)))
    return Image.open(stream, formats=row.decoders)


def open_jpeg(stream: BinaryIO) -> Image.Image:
    """The first image of a JPEG, not yet decoded; its EXIF is in `info`, unparsed, because Pillow's parser may fail."""
    header = read_header(stream)
    end = stream.seek(0, io.SEEK_END)
    spliced = Spliced(stream, (bytes(header.kept), range(header.rest, end)))
    image = Image.open(cast(BinaryIO, spliced), formats=("JPEG",))
    if header.exif:
        image.info["exif"] = bytes(header.exif)
    return image
