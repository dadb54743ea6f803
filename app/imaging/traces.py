"""Find metadata left in a finished variant; there should be none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

from app.imaging.faults import wrap_decoder_errors
from app.imaging.formats import FORMATS

ENCODERS = tuple(row.encoder for row in FORMATS if row.encoder)
# Pillow's names for metadata of a file, and ours.
PILLOW_KEYS = {
    "exif": "EXIF",
    "xmp": "XMP",
    "photoshop": "IPTC",
    "comment": "a comment",
    "mp": "a second picture",
}
# JPEG segments, for metadata that Pillow does not understand.
JPEG_SEGMENTS = {"APP1": "EXIF or XMP", "APP13": "IPTC", "COM": "a comment"}


@dataclass(frozen=True)
class Inspection:
    """The size in pixels of a variant that was decoded completely, and the names of the metadata in it."""

    width: int
    height: int
    traces: tuple[str, ...]


def inspect(stream: BinaryIO) -> Inspection:
    """Decode a variant completely and look for metadata; raises ImageError if it cannot be decoded."""
    with wrap_decoder_errors("variant"), Image.open(stream, formats=ENCODERS) as image:
        image.load()
        found = {words for key, words in PILLOW_KEYS.items() if image.info.get(key)}
        segments = {name for name, _ in getattr(image, "applist", ())}
        if not found:
            found = {words for name, words in JPEG_SEGMENTS.items() if name in segments}
        return Inspection(*image.size, tuple(sorted(found)))
