"""The information shown about one photo, to its owner and to visitors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from app.imaging.dates import Precision
from app.imaging.taken import DateSource
from app.models import File
from app.services.collections import capture_time
from app.services.variants import private_originals

SHOWN = (
    *("taken_precision", "taken_from"),
    *("camera", "lens", "focal_length", "aperture", "shutter", "iso"),
    *("keywords", "caption", "copyright", "creator"),
)
TAKEN_PRECISIONS, TAKEN_SOURCES = tuple(Precision), tuple(DateSource)

# Keys in `metadata_json` of a truncated original: how much of the picture is missing, and on which side.
MISSING, MISSING_SIDE = "missing_percent", "missing_side"


def damage_of(file: File) -> str:
    """Describe which part of a truncated picture is missing, for its owner; "" if none is."""
    written = file.metadata_json or {}
    return damage_in_words(written.get(MISSING), written.get(MISSING_SIDE))


def damage_in_words(percent: int | None, side: str | None) -> str:
    """Describe that so much of a picture is missing on this side, by default the lower one; "" for None."""
    if percent is None:
        return ""
    if percent == 0:
        return "Damaged: the file is cut short, so fine detail or colour is missing."
    return f"Damaged: the {side or 'lower'} {percent}% is missing."


def moment_of(file: File) -> datetime | None:
    """Return the corrected capture time in UTC, or None; without an offset the local time counts as UTC."""
    taken_at = _taken_at(file)
    if taken_at is None or taken_at.tzinfo is None:
        return taken_at.replace(tzinfo=UTC) if taken_at else None
    return taken_at.astimezone(UTC)


def _taken_at(file: File) -> datetime | None:
    """The corrected local capture time; aware if the camera wrote an offset."""
    written = _written(file)
    return written + timedelta(seconds=capture_time.shift_of(file)) if written else None


def _written(file: File) -> datetime | None:
    """The time as the camera wrote it; older rows have it only in the column `taken_at`."""
    written = (file.metadata_json or {}).get("taken_at")
    return datetime.fromisoformat(written) if written else file.taken_at


def _clock(file: File) -> str | None:
    """Describe the correction of the camera's clock, for the owner; None without one."""
    shift, written = capture_time.shift_of(file), _written(file)
    if not shift or written is None:
        return None
    words = capture_time.in_words(shift)
    return f"Camera clock corrected by {words}. The camera wrote {written.day} {written:%B %Y, %H:%M:%S}."


def date_facts(file: File) -> dict[str, str | None]:
    """Return the precision and the source of the capture time; both None without a time."""
    written = file.metadata_json or {}
    known = file.taken_at is not None
    return {
        "taken_precision": written.get("taken_precision", Precision.TIME) if known else None,
        "taken_from": written.get("taken_from", DateSource.EXIF) if known else None,
    }


def about(file: File, *, is_owner: bool, downloads_allowed: bool) -> dict[str, Any]:
    """Return name, sizes, capture time and metadata of a photo, without empty values.

    `taken_at` is the corrected local time; `taken_precision` and `taken_from` are those of `date_facts`. Only the owner
    gets the clock correction, the damage and the position, which may be a private home. The size in bytes requires
    `downloads_allowed`.
    """
    written, taken_at = file.metadata_json or {}, _taken_at(file)
    found = {
        "name": file.original_filename,
        "size": file.size if downloads_allowed else None,
        "size_human": file.size_human if downloads_allowed else None,
        "width": file.width,
        "height": file.height,
        "taken_at": taken_at.isoformat() if taken_at else None,
        "clock": _clock(file) if is_owner else None,
        **{name: written.get(name) for name in SHOWN},
        "gps": written.get("gps") if is_owner else None,
        "damage": damage_of(file) if is_owner else None,
        "withheld": private_originals.withheld(file) if file.collection.hides_location else None,
    }
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


PUBLIC_ERROR_CODES = frozenset({"corrupt", "unsupported", "image_too_large", "timeout"})


def reason_for(file: File, *, is_owner: bool) -> str:
    """Return why there is no preview, "" if there is; visitors do not see faults of the store or the server."""
    return reason_in_words(file.error, file.error_code, is_owner=is_owner)


def reason_in_words(error: str | None, code: str | None, *, is_owner: bool) -> str:
    """Return the words of `reason_for` for the error of a file and its code."""
    if not error or is_owner or code in PUBLIC_ERROR_CODES:
        return error or ""
    return "There is no preview of this photo yet."
