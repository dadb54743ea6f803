"""What a camera wrote about a picture, read once into a value. Variants carry none of it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from PIL import Image
from PIL.ExifTags import Base

from app.imaging.captions import read_captions
from app.imaging.colour import profile_name
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
    serial: str = ""  # of the camera; private to the owner
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


def read_metadata(exif: Exif, image: Image.Image) -> PhotoMetadata:
    """Everything that the opened picture and its EXIF say; never raises, whatever they hold."""
    captions = read_captions(image)
    icc = image.info.get("icc_profile")
    return PhotoMetadata(
        taken_at=exif.taken_at,
        camera=exif.camera,
        serial=exif.serial,
        lens=text(exif.photo.get(Base.LensModel)),
        focal_length=positive(exif.photo.get(Base.FocalLength)),
        aperture=positive(exif.photo.get(Base.FNumber)),
        shutter=positive(exif.photo.get(Base.ExposureTime)),
        iso=exif.iso,
        gps=exif.gps,
        copyright=captions.copyright or text(exif.main.get(Base.Copyright)),
        creator=captions.creator or text(exif.main.get(Base.Artist)),
        icc_name=profile_name(icc if isinstance(icc, bytes) else None),
        rating=captions.rating if captions.rating is not None else exif.rating,
        keywords=captions.keywords,
        caption=captions.caption or exif.caption,
    )


def _plain(value: Any) -> JSONValue:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, GPSPosition):
        position = {"latitude": value.latitude, "longitude": value.longitude, "altitude": value.altitude}
        return {name: number for name, number in position.items() if number is not None}
    return list(value) if isinstance(value, tuple) else value
