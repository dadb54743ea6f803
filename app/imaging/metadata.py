"""What a camera wrote about a picture, read once into a value. Variants carry none of it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from PIL.ExifTags import Base

from app.imaging import colour
from app.imaging.exif import Exif, GPSPosition, positive, text

JSONValue = str | int | float | bool | None | list["JSONValue"] | dict[str, "JSONValue"]


@dataclass(frozen=True)
class PhotoMetadata:
    """What the file says about the photograph; None or empty where it says nothing.

    `taken_at` is aware when the camera recorded its offset from UTC (EXIF 2.31), otherwise naive: local time wherever
    the camera was set to. `focal_length` is in millimetres, `aperture` the f-number, `shutter` seconds.
    """

    taken_at: datetime | None = None
    camera: str = ""
    lens: str = ""
    focal_length: float | None = None
    aperture: float | None = None
    shutter: float | None = None
    iso: int | None = None
    gps: GPSPosition | None = None
    copyright: str = ""
    creator: str = ""
    icc_name: str = ""
    rating: int | None = None
    keywords: tuple[str, ...] = ()
    caption: str = ""

    def to_json(self) -> dict[str, JSONValue]:
        """Plain values for a JSON column, empty ones left out; the position is under `gps` alone."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: _plain(value) for name, value in values.items() if value not in (None, "", ())}


def read_metadata(exif: Exif, profile: bytes | None) -> PhotoMetadata:
    """Everything that is known about the photograph; never raises, whatever the tags hold."""
    return PhotoMetadata(
        taken_at=exif.taken_at,
        camera=exif.camera,
        lens=text(exif.photo.get(Base.LensModel)),
        focal_length=positive(exif.photo.get(Base.FocalLength)),
        aperture=positive(exif.photo.get(Base.FNumber)),
        shutter=positive(exif.photo.get(Base.ExposureTime)),
        iso=exif.iso,
        gps=exif.gps,
        copyright=text(exif.main.get(Base.Copyright)),
        creator=text(exif.main.get(Base.Artist)),
        icc_name=colour.profile_name(profile),
    )


def _plain(value: Any) -> JSONValue:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, GPSPosition):
        position = {"latitude": value.latitude, "longitude": value.longitude, "altitude": value.altitude}
        return {name: number for name, number in position.items() if number is not None}
    return list(value) if isinstance(value, tuple) else value
