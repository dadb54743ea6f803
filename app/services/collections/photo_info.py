"""What is told of one photograph to whoever looks at it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from app.imaging.dates import Precision
from app.imaging.taken import DateSource
from app.models import File
from app.services.collections import capture_time
from app.services.variants import private_originals

TOLD = (
    *("taken_precision", "taken_from"),
    *("camera", "lens", "focal_length", "aperture", "shutter", "iso"),
    *("keywords", "caption", "copyright", "creator"),
)
TAKEN_PRECISIONS, TAKEN_SOURCES = tuple(Precision), tuple(DateSource)

# The keys in `metadata_json` under which an original that is cut short says how much of it is missing, and where.
MISSING, MISSING_SIDE = "missing_percent", "missing_side"


def damage_of(file: File) -> str:
    """What is missing of the picture although it has previews; "" if nothing is. For its owner alone."""
    written = file.metadata_json or {}
    percent, side = written.get(MISSING), written.get(MISSING_SIDE, "lower")
    if percent is None:
        return ""
    if percent == 0:
        return "Damaged: the file is cut short, so fine detail or colour is missing."
    return f"Damaged: the {side} {percent}% is missing."


def moment_of(file: File) -> datetime | None:
    """Capture time in UTC by the offset that the camera wrote; without an offset its wall clock, as if it were UTC.

    Where the clock of the camera was put right, so is this.
    """
    taken_at = _taken_at(file)
    if taken_at is None or taken_at.tzinfo is None:
        return taken_at.replace(tzinfo=UTC) if taken_at else None
    return taken_at.astimezone(UTC)


def _taken_at(file: File) -> datetime | None:
    """The camera's own time, put right; aware where the camera wrote its offset."""
    written = _written(file)
    return written + timedelta(seconds=capture_time.shift_of(file)) if written else None


def _written(file: File) -> datetime | None:
    """The time as the camera wrote it; of rows from before that was kept, the column."""
    written = (file.metadata_json or {}).get("taken_at")
    return datetime.fromisoformat(written) if written else file.taken_at


def _clock(file: File) -> str | None:
    """What was done to the camera's clock, for the owner."""
    shift, written = capture_time.shift_of(file), _written(file)
    if not shift or written is None:
        return None
    words = capture_time.in_words(shift)
    return f"Camera clock corrected by {words}. The camera wrote {written.day} {written:%B %Y, %H:%M:%S}."


def date_facts(file: File) -> dict[str, str | None]:
    """How much of the capture time is known, and where it stands; None without a time."""
    written = file.metadata_json or {}
    known = file.taken_at is not None
    return {
        "taken_precision": written.get("taken_precision", Precision.TIME) if known else None,
        "taken_from": written.get("taken_from", DateSource.EXIF) if known else None,
    }


def about(file: File, *, is_owner: bool, downloads_allowed: bool) -> dict[str, Any]:
    """Its name, sizes, time and what the camera and its owner wrote; what is empty is left out.

    `taken_at` is the camera's own time, put right; the owner reads by how much. `taken_precision` says when only a day,
    month or year is known, `taken_from` when it stands elsewhere than in EXIF's own date of capture. Where it was taken
    is for the owner: a visitor may not know that it is home. So is what is missing of it, which only the owner can do
    something about. How many bytes it has is for those who may download it.
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
        **{name: written.get(name) for name in TOLD},
        "gps": written.get("gps") if is_owner else None,
        "damage": damage_of(file) if is_owner else None,
        "withheld": private_originals.withheld(file) if file.collection.hides_location else None,
    }
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


ABOUT_THE_PICTURE = frozenset({"corrupt", "unsupported", "image_too_large", "timeout"})


def reason_for(file: File, *, is_owner: bool) -> str:
    """Why there is no preview; what is wrong with the store or the server is for its owner, not for visitors."""
    about_the_picture = file.error_code in ABOUT_THE_PICTURE
    if not file.error or is_owner or about_the_picture:
        return file.error or ""
    return "No preview of this photograph could be made yet."
