"""Small, distinct photos full of metadata that must not reach a variant."""

from __future__ import annotations

import io
import secrets
from functools import cache

from PIL import Image

from tests.support.pictures import jpeg

SECRET = b"51.4779 N, 0.0015 W"
GPS_IFD, DESCRIPTION = 0x8825, 0x010E


def photograph(width: int = 360, height: int = 240) -> bytes:
    """A JPEG with EXIF, a position, XMP and a comment; bytes after its end make it another file each time."""
    return _base(width, height) + secrets.token_bytes(16)


@cache
def _base(width: int, height: int) -> bytes:
    exif = Image.Exif()
    exif[DESCRIPTION] = SECRET.decode()
    exif[GPS_IFD] = {1: "N", 2: (51.0, 28.0, 40.0), 3: "W", 4: (0.0, 0.0, 5.0)}
    return jpeg(width, height, exif=exif, comment=SECRET, xmp=b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>")


def metadata_of(data: bytes) -> list[str]:
    """The metadata in a variant, except for its print resolution."""
    with Image.open(io.BytesIO(data)) as picture:
        harmless = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "progressive", "progression"}
        said = sorted(map(str, set(picture.info) - harmless))
        return said + ["exif"] * bool(picture.getexif()) + ["the secret"] * (SECRET in data)
