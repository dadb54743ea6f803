"""What a finished variant still says beside its pixels. It should say nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

from app.imaging.faults import naming_faults
from app.imaging.formats import FORMATS

ENCODERS = tuple(row.encoder for row in FORMATS if row.encoder)
# Where Pillow puts what a file carries, and what people call it.
CARRIED = {
    "exif": "EXIF",
    "xmp": "XMP",
    "photoshop": "IPTC",
    "comment": "a comment",
    "mp": "a second picture",
}
# JPEG segments by themselves: Pillow names only those whose content it understands.
JPEG_SEGMENTS = {"APP1": "EXIF or XMP", "APP13": "IPTC", "COM": "a comment"}


@dataclass(frozen=True)
class Inspection:
    """The pixels of a variant that could be drawn to its end, and the names of what it carries of metadata."""

    width: int
    height: int
    traces: tuple[str, ...]


def inspect(stream: BinaryIO) -> Inspection:
    """Decode a variant completely; raises ImageError if it cannot be drawn."""
    with naming_faults("variant"), Image.open(stream, formats=ENCODERS) as image:
        image.load()
        found = {words for key, words in CARRIED.items() if image.info.get(key)}
        segments = {name for name, _ in getattr(image, "applist", ())}
        if not found:
            found = {words for name, words in JPEG_SEGMENTS.items() if name in segments}
        return Inspection(*image.size, tuple(sorted(found)))
