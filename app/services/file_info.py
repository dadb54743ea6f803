"""What is told of one photograph to whoever looks at it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from app.models import File
from app.services import capture_time, private_originals

TOLD = (
    *("camera", "lens", "focal_length", "aperture", "shutter", "iso"),
    *("keywords", "caption", "copyright", "creator"),
)


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


def about(file: File, *, is_owner: bool, downloads_allowed: bool) -> dict[str, Any]:
    """Its name, sizes, time and what the camera and its owner wrote; what is empty is left out.

    `taken_at` is the camera's own time, put right; the owner is told that it was. Where it was taken is for the owner:
    a visitor may not know that it is home. How many bytes it has is for those who may download it.
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
        "withheld": private_originals.withheld(file) if file.collection.hides_location else None,
    }
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}
