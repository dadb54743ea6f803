"""Check a cleaned file with other parsers than those that wrote it: it must contain no private data."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO, cast

from PIL import Image, IptcImagePlugin
from PIL.ExifTags import IFD
from PIL.ImageFile import ImageFile

from app.errors import CannotBeCleaned
from app.imaging import source as _source  # noqa: F401  registers HEIC with Pillow
from app.imaging.exif import Exif
from app.imaging.faults import wrap_decoder_errors
from app.imaging.formats import JPEG, ImageFormat, jpeg_start
from app.imaging.guard import GuardedStream
from app.imaging.limits import Deadline
from app.imaging.privacy import tags
from app.imaging.privacy.pieces import Source
from app.imaging.traces import Inspection
from app.imaging.variants import Size

# Names of XMP properties. Twelve given bytes occur by chance in compressed pixels once in 10^29.
_FORBIDDEN = re.compile(
    rb"GPSLatitude|GPSLongitude|GPSPosition|GPSDest|SerialNumber|Iptc4xmpExt:|photoshop:(City|State|Country)"
    rb"|Iptc4xmpCore:(Location|CountryCode)|CameraOwnerName|OwnerName>|MotionPhoto|MicroVideo|apple-fi:|ftypmp42"
)
SECONDS = 30.0  # limit for reading a header
_PLACE_RECORDS = ((2, 26), (2, 27), (2, 90), (2, 92), (2, 95), (2, 100), (2, 101))
_PRIVATE_INFO = ("comment", "Raw profile type exif", "Raw profile type APP1", "Raw profile type iptc")


@dataclass(frozen=True)
class _Appearance:
    """The header fields that determine how a picture is displayed."""

    format: str | None
    size: Size
    mode: str
    orientation: int
    profile: bytes | None


def check(before: BinaryIO, after: BinaryIO, kind: ImageFormat, private: Iterable[bytes], content: Source) -> Size:
    """Check the cleaned file `after`, whose bytes are `content`, against the original; returns its size in pixels.

    Raises CannotBeCleaned if it contains private data or would look different.
    """
    with wrap_decoder_errors(kind.label):
        old, _ = _read(before, kind)
        new, found = _read(after, kind)
    found += _forbidden(content)
    found += ["a coordinate or serial number" for value in private if content.find(value) >= 0]
    if found:
        raise CannotBeCleaned(f"The cleaned file still contains {found[0]}.")
    if old != new:
        raise CannotBeCleaned("Cleaning would change how the photo looks.")
    return new.size


def inspect(content: bytes, kind: ImageFormat) -> Inspection:
    """The size in pixels of a cleaned file, and the names of private data in it; raises ImageError."""
    with wrap_decoder_errors(kind.label):
        look, found = _read(io.BytesIO(content), kind)
    return Inspection(*look.size, tuple(sorted({*found, *_forbidden(content)})))


def _forbidden(content: Source) -> list[str]:
    return sorted({match.group().decode() for match in _FORBIDDEN.finditer(content)})


def _read(stream: BinaryIO, kind: ImageFormat) -> tuple[_Appearance, list[str]]:
    stream.seek(0)
    start = jpeg_start(stream.read(64)) if kind is JPEG else 0
    guarded = cast(BinaryIO, GuardedStream(stream, Deadline(SECONDS), start))
    with Image.open(guarded, formats=kind.decoders) as image:
        exif = Exif.of(image)
        found = [*_of_exif(image, exif), *_of_info(image)]
        base = "JPEG" if image.format == "MPO" else image.format
        look = _Appearance(base, image.size, image.mode, exif.orientation, image.info.get("icc_profile"))
        if image.format == "MPO":
            found.append("a second picture")
        return look, found


def _of_exif(image: Image.Image, exif: Exif) -> list[str]:
    found = ["the location"] if exif.position or IFD.GPSInfo in exif.main else []
    return found + [words for tag, words in tags.PRIVATE_TAGS.items() if tag in exif.main or tag in exif.photo]


def _of_info(image: Image.Image) -> list[str]:
    found = [name for name in _PRIVATE_INFO if image.info.get(name)]
    try:
        records = (IptcImagePlugin.getiptcinfo(image) if isinstance(image, ImageFile) else None) or {}
    except Exception:  # noqa: BLE001  as in packets.py
        return [*found, "unreadable IPTC"]
    return found + ["place names"] * any(place in records for place in _PLACE_RECORDS)
