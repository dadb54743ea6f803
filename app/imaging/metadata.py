"""Metadata of a photograph as one value; variants contain none of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, BinaryIO

from PIL import Image
from PIL.ExifTags import Base

from app.imaging.captions import read_captions
from app.imaging.colour import profile_name
from app.imaging.dates import Precision
from app.imaging.exif import Exif, GPSPosition, positive, text
from app.imaging.packets import XMP, iptc_of, png_texts, png_time
from app.imaging.taken import DateSource, Sources

JSONValue = str | int | float | bool | None | list["JSONValue"] | dict[str, "JSONValue"]


@dataclass(frozen=True)
class PhotoMetadata:
    """Metadata of a photograph; None or empty where the file has none.

    `taken_at` is timezone-aware if the file has the offset from UTC (EXIF 2.31), otherwise naive in the camera's local
    time. `taken_precision` tells whether the time, day or month is missing, `taken_from` the source of the date.
    `focal_length` is in millimetres, `aperture` the f-number, `shutter` in seconds.
    """

    taken_at: datetime | None = None
    taken_precision: Precision = Precision.TIME
    taken_from: DateSource = DateSource.EXIF
    camera: str = ""
    serial: str = ""  # of the camera; shown to the owner only
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
        """The values that differ from their default, for a JSON column; the location is under `gps` only."""
        values = {field.name: (getattr(self, field.name), field.default) for field in fields(self)}
        return {name: _plain(value) for name, (value, usual) in values.items() if value != usual}


def utc_now() -> datetime:
    """The current time, in UTC."""
    return datetime.now(UTC)


def read_metadata(
    exif: Exif, image: Image.Image, stream: BinaryIO, clock: Callable[[], datetime] = utc_now
) -> PhotoMetadata:
    """The metadata of an image opened from `stream`, and of its EXIF; never raises.

    Dates after the end of next year, by `clock`, are ignored.
    """
    xmp, iptc = XMP.of(image, exif), iptc_of(image, exif)
    captions = read_captions(xmp, iptc)
    png = stream if image.format == "PNG" else None
    sources = Sources(exif, xmp, iptc, png_texts(image) if png else {}, lambda: png_time(png) if png else "")
    taken = sources.taken(latest_year=clock().year + 1)
    icc = image.info.get("icc_profile")
    return PhotoMetadata(
        taken_at=taken.moment,
        taken_precision=taken.precision,
        taken_from=taken.source,
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
