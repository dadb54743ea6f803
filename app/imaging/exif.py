"""Read metadata from EXIF parsed by Pillow. In a hostile file any field may be missing, empty or of any type."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.TiffImagePlugin import TiffImageFile

from app.imaging.guard import CappedLength

Tags = Mapping[int, Any]
MAX_TEXT = 2000
# Limit for one directory. Real ones have up to 64 KB, with maker notes 100 KB; parsing more could take minutes.
MAX_BYTES = 1_000_000
_INTEROP_INDEX = 1
_RATING = 0x4746
_NO_CAPTIONS = ("OLYMPUS DIGITAL CAMERA", "SONY DSC", "DCIM", "DEFAULT", "MINOLTA DIGITAL CAMERA", "SAMSUNG")


@dataclass(frozen=True)
class GPSPosition:
    """A location: degrees north and east, metres above sea level. Shown to the owner only."""

    latitude: float
    longitude: float
    altitude: float | None = None


@dataclass(frozen=True)
class Exif:
    """The EXIF directories by tag: main (IFD0), photo (Exif), position (GPS) and interop."""

    main: Tags
    photo: Tags
    position: Tags
    interop: Tags = field(default_factory=dict)

    @classmethod
    def of(cls, image: Image.Image) -> Exif:
        """The EXIF of an opened image; directories are empty if it has none or they are damaged.

        PngImageFile.getexif would first decode all pixels to find a chunk after them, so the base class is used.
        """
        block = image.info.get("exif")
        if isinstance(block, bytes) and len(block) > MAX_BYTES:
            return cls.from_bytes(block)
        try:
            return cls._from(_read_by_pillow(image))
        except Exception:  # noqa: BLE001  a damaged EXIF raises SyntaxError, struct.error, TypeError, OSError, ...
            return cls({}, {}, {})

    @classmethod
    def parse(cls, stream: BinaryIO) -> Exif:
        """The EXIF in a stream with TIFF structure; directories are empty if it cannot be read."""
        found = Image.Exif()
        try:
            found.load_from_fp(cast(BinaryIO, CappedLength(stream, MAX_BYTES)))
            return cls._from(found)
        except Exception:  # noqa: BLE001  as above
            return cls({}, {}, {})

    @classmethod
    def from_bytes(cls, data: object) -> Exif:
        """The EXIF in a block, with or without JPEG's six-byte prefix; empty if `data` is not bytes."""
        return cls.parse(io.BytesIO(data.removeprefix(b"Exif\0\0"))) if isinstance(data, bytes) else cls({}, {}, {})

    @classmethod
    def _from(cls, found: Image.Exif) -> Exif:
        parts = (_directory(found, which) for which in (IFD.Exif, IFD.GPSInfo, IFD.Interop))
        return cls(dict(found), *parts)

    def filled_from(self, other: Exif) -> Exif:
        """This EXIF, with tags and directories that it lacks taken from `other`."""
        parts = (self.photo or other.photo, self.position or other.position, self.interop or other.interop)
        return Exif({**other.main, **self.main}, *parts)

    @property
    def orientation(self) -> int:
        """The orientation, 1 to 8; 1 if missing or invalid."""
        value = self.main.get(Base.Orientation, 1)
        return value if isinstance(value, int) and 1 <= value <= 8 else 1

    @property
    def is_adobe_rgb(self) -> bool:
        """Whether EXIF names Adobe RGB: by ColorSpace 2, or by interoperability index "R03" (DCF 2.0)."""
        return self.photo.get(Base.ColorSpace) == 2 or text(self.interop.get(_INTEROP_INDEX)) == "R03"

    @property
    def camera(self) -> str:
        """Make and model without repetition: "NIKON CORPORATION" and "NIKON D850" give "NIKON D850"."""
        make, model = text(self.main.get(Base.Make)), text(self.main.get(Base.Model))
        first = make.split(" ")[0]
        return model if first and model.lower().startswith(first.lower()) else f"{make} {model}".strip()

    @property
    def serial(self) -> str:
        """The serial number of the camera body, or "". Shown to the owner only."""
        return text(self.photo.get(Base.BodySerialNumber)) or text(self.main.get(Base.CameraSerialNumber))

    @property
    def iso(self) -> int | None:
        """The ISO speed; None if missing or implausible."""
        value = number(self.photo.get(Base.ISOSpeedRatings))
        return round(value) if value and value < 10_000_000 else None

    @property
    def rating(self) -> int | None:
        """The rating as Windows writes it, 1 to 5 stars, or None."""
        stars = number(self.main.get(_RATING))
        return int(stars) if stars in (1, 2, 3, 4, 5) else None

    @property
    def caption(self) -> str:
        """The image description, or "" if it is a camera's default text."""
        found = text(self.main.get(Base.ImageDescription))
        return "" if found.upper().rstrip() in _NO_CAPTIONS else found

    @property
    def gps(self) -> GPSPosition | None:
        """The location; None if incomplete, out of range, or 0, 0, which devices write without a fix."""
        latitude = _degrees(self.position.get(GPS.GPSLatitude), self.position.get(GPS.GPSLatitudeRef), "S", 90)
        longitude = _degrees(self.position.get(GPS.GPSLongitude), self.position.get(GPS.GPSLongitudeRef), "W", 180)
        if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
            return None
        return GPSPosition(latitude, longitude, self._altitude)

    @property
    def _altitude(self) -> float | None:
        metres = number(self.position.get(GPS.GPSAltitude))
        below = self.position.get(GPS.GPSAltitudeRef) in (1, b"\x01")
        return None if metres is None else round(-metres if below else metres, 1)


def text(value: Any) -> str:
    """A tag's text without padding and control characters; "" for any other type."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    # Decode first: UTF-8 bytes of "Ö" and of dashes are control characters in Latin-1.
    readable = _utf8(value.split("\0")[0])
    return "".join(char if char.isprintable() or char == "\n" else " " for char in readable).strip()[:MAX_TEXT]


def date_text(value: Any) -> str:
    """A date tag's text; NUL becomes a space, because some cameras write it between date and time."""
    if isinstance(value, bytes):
        return text(value.replace(b"\0", b" "))
    return text(value.replace("\0", " ")) if isinstance(value, str) else ""


def number(value: Any) -> float | None:
    """A tag's number, or the first of several; None if it is not a finite number."""
    if isinstance(value, tuple | list):
        value = value[0] if value else None
    try:
        found = float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def positive(value: Any, digits: int = 6) -> float | None:
    """A tag's number, rounded, if it is above zero; None otherwise."""
    found = number(value)
    return round(found, digits) if found is not None and found > 0 else None


def _utf8(value: str) -> str:
    """Decode as UTF-8, which programs write although EXIF requires ASCII, a text that Pillow decoded as Latin-1."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def _read_by_pillow(image: Image.Image) -> Image.Exif:
    """The EXIF of an opened image; of a TIFF, at most MAX_BYTES of each directory."""
    if not isinstance(image, TiffImageFile) or image.fp is None:
        return Image.Image.getexif(image)
    stream = image.fp
    image.fp = cast(BinaryIO, CappedLength(cast(BinaryIO, stream), MAX_BYTES))
    try:
        return Image.Image.getexif(image)
    finally:
        image.fp = stream


def _directory(found: Image.Exif, which: IFD) -> Tags:
    try:
        return dict(found.get_ifd(which))
    except Exception:  # noqa: BLE001  as above
        return {}


def _degrees(value: Any, reference: Any, negative: str, limit: int) -> float | None:
    parts = [number(part) for part in value] if isinstance(value, tuple) else []
    if not parts or None in parts:
        return None
    degrees = sum(part / 60**power for power, part in enumerate(parts[:3]) if part is not None)
    signed = -degrees if text(reference).upper().startswith(negative) else degrees
    return round(signed, 7) if abs(signed) <= limit else None
