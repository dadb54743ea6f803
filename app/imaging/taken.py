"""Determine when a picture was taken: the first plausible date in its metadata, and its source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from PIL.ExifTags import Base

from app.imaging.dates import ParsedDate, Precision, parse
from app.imaging.exif import Exif, date_text, text
from app.imaging.iim import Number
from app.imaging.packets import XMP

FIRST_YEAR = 1826  # of the oldest photograph, by Niépce
_XMP_DATES = (
    "{http://ns.adobe.com/photoshop/1.0/}DateCreated",
    "{http://ns.adobe.com/exif/1.0/}DateTimeOriginal",
    "{http://ns.adobe.com/xap/1.0/}CreateDate",
    "{http://ns.adobe.com/exif/1.0/}DateTimeDigitized",
)
# IIM 4.2: date and time created, then those of the digital creation.
_IPTC_DATES: tuple[tuple[Number, Number], ...] = (((2, 55), (2, 60)), ((2, 62), (2, 63)))
_TEXT_KEYS = ("creation time", "creation-time", "exif:datetimeoriginal", "create-date")
_FILE_KEYS = ("date:create",)  # written by ImageMagick: when the file that it read was created on its disk
_EXIF_DATES = (
    (Base.DateTimeOriginal, Base.OffsetTimeOriginal, Base.SubsecTimeOriginal),
    (Base.DateTimeDigitized, Base.OffsetTimeDigitized, Base.SubsecTimeDigitized),
)


class DateSource(StrEnum):
    """Sources of a date, in order of precedence; `exif` is the EXIF date of capture or digitisation."""

    EXIF = "exif"
    XMP = "xmp"
    IPTC = "iptc"
    PNG_TEXT = "png_text"
    EXIF_CHANGED = "exif_changed"
    FILE_DATE = "file_date"
    PNG_CHANGED = "png_changed"


@dataclass(frozen=True)
class Taken:
    """A capture date: timezone-aware if its offset from UTC is known; `moment` is None if there is no date."""

    moment: datetime | None = None
    precision: Precision = Precision.TIME
    source: DateSource = DateSource.EXIF


@dataclass(frozen=True)
class Sources:
    """All metadata that may contain a date; `png_time` is called only if the others have none."""

    exif: Exif
    xmp: XMP
    iptc: Mapping[Number, list[bytes]]
    texts: Mapping[str, str]
    png_time: Callable[[], str]

    def taken(self, latest_year: int) -> Taken:
        """The first date from 1826 to `latest_year`; if it lacks a time, a later source with a time on that date."""
        plausible = (
            (source, parsed)
            for source, parsed in self._all()
            if parsed and FIRST_YEAR <= parsed.moment.year <= latest_year
        )
        source, first = next(plausible, (DateSource.EXIF, None))
        if first is None:
            return Taken()
        if first.precision is not Precision.TIME:
            finer = ((where, each) for where, each in plausible if first.is_refined_by(each))
            source, first = next(finer, (source, first))
        return Taken(first.moment, first.precision, source)

    def _all(self) -> Iterator[tuple[DateSource, ParsedDate | None]]:
        """Yield every date with its source, in order of precedence."""
        yield from ((DateSource.EXIF, self._exif_date(*tags)) for tags in _EXIF_DATES)
        yield from ((DateSource.XMP, parse(found)) for name in _XMP_DATES for found in self.xmp.values(name))
        yield from ((DateSource.IPTC, self._iptc_date(*numbers)) for numbers in _IPTC_DATES)
        yield from ((DateSource.PNG_TEXT, parse(self.texts.get(key, ""))) for key in _TEXT_KEYS)
        yield DateSource.EXIF_CHANGED, self._exif_date(Base.DateTime, Base.OffsetTime, Base.SubsecTime)
        yield from ((DateSource.FILE_DATE, parse(self.texts.get(key, ""))) for key in _FILE_KEYS)
        yield DateSource.PNG_CHANGED, parse(self.png_time())

    def _exif_date(self, tag: int, offset_tag: int, fraction_tag: int) -> ParsedDate | None:
        found = self.exif.photo.get(tag) or self.exif.main.get(tag)  # TIFF/EP has them in the main directory
        return parse(date_text(found), text(self.exif.photo.get(offset_tag)), text(self.exif.photo.get(fraction_tag)))

    def _iptc_date(self, date: Number, time: Number) -> ParsedDate | None:
        parts = [date_text(self.iptc[number][0]) for number in (date, time) if number in self.iptc]
        return parse(" ".join(parts)) if date in self.iptc else None
