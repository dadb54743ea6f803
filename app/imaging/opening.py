"""Open pictures with Pillow so that no block of metadata, however broken or large, keeps it from the pixels."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import IO, BinaryIO, cast

from PIL import Image

from app.imaging import formats, gif_blocks, tiff_directories, webp_chunks
from app.imaging.formats import ImageFormat
from app.imaging.jpeg_segments import read_header
from app.imaging.png_chunks import SoundChunks
from app.imaging.spliced import Part, Spliced

# What Pillow should see of a file, by format.
PARTS_OF: dict[str, Callable[[IO[bytes]], list[Part]]] = {
    formats.GIF.name: gif_blocks.parts_of,
    formats.TIFF.name: tiff_directories.parts_of,
    formats.WEBP.name: webp_chunks.parts_of,
}
# Once for the process: Pillow warns of each odd value, thousands of times for a hostile file, and keeps every warning.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


def open_image(stream: BinaryIO, row: ImageFormat) -> Image.Image:
    """The picture that begins at position 0, its pixels not yet decoded; raises whatever Pillow does."""
    if row is formats.JPEG:
        return open_jpeg(stream)
    if row is formats.PNG:
        stream = cast(BinaryIO, SoundChunks(stream))
    elif parts_of := PARTS_OF.get(row.name):
        stream = cast(BinaryIO, Spliced(stream, parts_of(stream)))
    return Image.open(stream, formats=row.decoders)


def open_jpeg(stream: BinaryIO) -> Image.Image:
    """The first picture of a JPEG; its EXIF is passed by Pillow's own reading of it, which may fail."""
    header = read_header(stream)
    end = stream.seek(0, io.SEEK_END)
    spliced = Spliced(stream, (bytes(header.kept), range(header.rest, end)))
    image = Image.open(cast(BinaryIO, spliced), formats=("JPEG",))
    if header.exif:
        image.info["exif"] = bytes(header.exif)
    return image
