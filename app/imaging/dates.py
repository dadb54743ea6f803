"""Parse dates as cameras and programs write them: EXIF, ISO 8601, IPTC and RFC 2822, and variants of these."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_tz
from enum import StrEnum

MAX_LETTERS = 100
# UTC-12 to UTC+14 are in use (IANA time zone database).
_FARTHEST = timedelta(hours=14)
_DATE = re.compile(
    r"(\d{4})(?:\s*[-:/.]\s*(\d{1,2})(?:\s*[-:/.]\s*(\d{1,2}))?)?(?!\d)|(\d{4})(\d\d)(\d\d)(?=\d{6}\b|\D|$)"
)
_TIME = re.compile(
    r"[\sT_,;:]*(?:(\d{1,2})[:.h-]\s*(\d{1,2})(?:[:.m-]\s*(\d{1,2})(?:[.,](\d+))?)?|(\d\d)(\d\d)(\d\d)?)(?!\d)"
)
_HALF_OF_DAY = re.compile(r"\s*\b([ap])\.?m\b", re.IGNORECASE)
_SAYS_UTC = re.compile(r"(?:\b(?:GMT|UTC?|Z)|[+-]00:?00)$")
_ZONE = re.compile(r"\s*(?:(Z)\b|([+-])(\d\d):?(\d\d)?)(?!\d)", re.IGNORECASE)


class Precision(StrEnum):
    """The smallest unit that a date contains."""

    TIME = "time"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True)
class ParsedDate:
    """A parsed date: timezone-aware if it has an offset; missing parts are January, the 1st, or midnight."""

    moment: datetime
    precision: Precision = Precision.TIME

    def is_refined_by(self, other: ParsedDate) -> bool:
        """Whether `other` agrees with this incomplete date and also has the time of day."""
        parts = {Precision.DAY: 3, Precision.MONTH: 2, Precision.YEAR: 1}.get(self.precision, 0)
        same = self.moment.timetuple()[:parts] == other.moment.timetuple()[:parts]
        return bool(parts) and same and other.precision is Precision.TIME


def parse(text: str, offset: str = "", fraction: str = "") -> ParsedDate | None:
    """The date in a text, or None; `offset` and `fraction` (of a second) apply if the text contains neither."""
    text = text[:MAX_LETTERS].replace("\0", " ").strip()
    date = _DATE.match(text)
    try:
        return _year_first(date, text[date.end() :], offset, fraction) if date else _from_rfc_2822(text)
    except (ValueError, OverflowError):
        return None


def microseconds(fraction: str) -> int:
    """Microseconds from decimals of a second (EXIF 2.32, SubSecTime): "1" is 100,000, "20" is 200,000; 0 if invalid."""
    return int(fraction[:6].ljust(6, "0")) if fraction.isascii() and fraction.isdigit() else 0


def _year_first(date: re.Match[str], rest: str, offset: str, fraction: str) -> ParsedDate | None:
    numbers = [int(each) for each in date.groups() if each]
    time = _TIME.match(rest)
    if time is None and any(letter.isdigit() for letter in rest):
        return None
    if len(numbers) < 3 or 0 in numbers[1:]:
        return _incomplete(numbers)
    if time is None:
        return ParsedDate(datetime(numbers[0], numbers[1], numbers[2]), Precision.DAY)  # noqa: DTZ001  a day has no time zone
    hour, minute, second, own_fraction, *compact = time.groups()
    clock = _clock(compact if hour is None else (hour, minute, second), rest[time.end() :])
    zone = _zone(rest[time.end() :]) or _zone(offset)
    return ParsedDate(_moment(numbers, clock, own_fraction or fraction, zone))


def _incomplete(numbers: Sequence[int]) -> ParsedDate:
    """A year, or a year and a month; EXIF and IPTC write zeros for unknown parts."""
    month = numbers[1] if len(numbers) > 1 else 0
    return ParsedDate(datetime(numbers[0], month or 1, 1), Precision.MONTH if month else Precision.YEAR)  # noqa: DTZ001


def _from_rfc_2822(text: str) -> ParsedDate | None:
    """Parse `Fri, 27 Jul 2012 14:35:39 +0200` (e-mail, PNG) or `Fri Jul 27 14:35:39 2012` (C's ctime)."""
    try:
        found = parsedate_tz(text)
    except (IndexError, TypeError):  # parsedate_tz raises these for some malformed texts
        found = None
    if found is None:
        return None
    zone = timezone(timedelta(seconds=found[9] or 0)) if found[9] or _SAYS_UTC.search(text) else None
    half = _HALF_OF_DAY.search(text)
    clock = _clock([str(each) for each in found[3:6]], half[0] if half else "")
    return ParsedDate(_moment(found[:3], clock, "", zone))


def _clock(parts: Sequence[str | None], rest: str) -> tuple[int, int, int]:
    """Hour, minute and second on a 24-hour clock; `rest` may begin with "am" or "pm"."""
    hour, minute, second = (int(part or 0) for part in parts)
    half = _HALF_OF_DAY.match(rest)
    if half and hour <= 12:
        hour = hour % 12 + (12 if half[1].lower() == "p" else 0)
    return hour, minute, second


def _moment(date: Sequence[int], clock: tuple[int, int, int], fraction: str, zone: tzinfo | None) -> datetime:
    """The datetime of these parts; raises ValueError. 24:00:00 is the next midnight, second 60 the next minute."""
    hour, minute, second = clock
    if clock != (24, 0, 0) and not (hour < 24 and minute < 60 and second <= 60):
        raise ValueError("no time of day")
    start = datetime(date[0], date[1], date[2], microsecond=microseconds(fraction.strip()), tzinfo=zone)
    return start + timedelta(hours=hour, minutes=minute, seconds=second)


def _zone(text: str) -> tzinfo | None:
    """The offset from UTC at the beginning of a text; None without one, or if it is over 14 hours."""
    half = _HALF_OF_DAY.match(text)
    found = _ZONE.match(text, half.end() if half else 0)
    if found is None:
        return None
    utc, sign, hours, minutes = found.groups()
    offset = timedelta(0) if utc else timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-offset if sign == "-" else offset) if offset <= _FARTHEST else None
