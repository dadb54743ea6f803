"""The EXIF of the demo photographs."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.TiffImagePlugin import IFDRational

OFFSET = "+02:00"


class Shot(Protocol):
    """The properties of a photograph that EXIF stores."""

    @property
    def title(self) -> str: ...
    @property
    def taken(self) -> datetime: ...
    @property
    def orientation(self) -> int: ...
    @property
    def lens(self) -> str: ...
    @property
    def exposure(self) -> tuple[float, float, int, int]: ...
    @property
    def place(self) -> tuple[float, float] | None: ...


def exif_for(shot: Shot) -> Image.Exif:
    """The EXIF of a photograph: camera, time, exposure and, if known, location."""
    exif = Image.Exif()
    exif[Base.Make] = "Proofsheet"
    exif[Base.Model] = "Proofsheet Demo"
    exif[Base.Orientation] = shot.orientation
    exif[Base.Software] = "Proofsheet"
    exif[Base.DateTime] = f"{shot.taken:%Y:%m:%d %H:%M:%S}"
    exif.get_ifd(IFD.Exif).update(_exposure(shot))
    if shot.place:
        exif.get_ifd(IFD.GPSInfo).update(_position(*shot.place))
    return exif


def _exposure(shot: Shot) -> dict[int, object]:
    aperture, seconds, iso, focal = shot.exposure
    shutter = IFDRational(1, round(1 / seconds)) if seconds < 1 else IFDRational(round(seconds * 10), 10)
    return {
        Base.DateTimeOriginal: f"{shot.taken:%Y:%m:%d %H:%M:%S}",
        Base.DateTimeDigitized: f"{shot.taken:%Y:%m:%d %H:%M:%S}",
        Base.OffsetTimeOriginal: OFFSET,
        Base.OffsetTime: OFFSET,
        Base.ExposureTime: shutter,
        Base.FNumber: IFDRational(round(aperture * 10), 10),
        Base.ISOSpeedRatings: iso,
        Base.FocalLength: IFDRational(focal, 1),
        Base.LensModel: shot.lens,
    }


def _position(latitude: float, longitude: float) -> dict[int, object]:
    return {
        GPS.GPSLatitudeRef: "N" if latitude >= 0 else "S",
        GPS.GPSLatitude: _degrees(abs(latitude)),
        GPS.GPSLongitudeRef: "E" if longitude >= 0 else "W",
        GPS.GPSLongitude: _degrees(abs(longitude)),
    }


def _degrees(angle: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    minutes = (angle - int(angle)) * 60
    seconds = (minutes - int(minutes)) * 60
    return IFDRational(int(angle), 1), IFDRational(int(minutes), 1), IFDRational(round(seconds * 100), 100)
