"""What is told of one photograph to whoever looks at it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.imaging.dates import Precision
from app.imaging.taken import DateSource
from app.models import File
from app.services import private_originals

TOLD = (
    *("taken_precision", "taken_from"),
    *("camera", "lens", "focal_length", "aperture", "shutter", "iso"),
    *("keywords", "caption", "copyright", "creator"),
)
TAKEN_PRECISIONS, TAKEN_SOURCES = tuple(Precision), tuple(DateSource)


def moment_of(file: File) -> datetime | None:
    """Capture time in UTC by the offset that the camera wrote; without an offset its wall clock, as if it were UTC."""
    written = datetime.fromisoformat((file.metadata_json or {}).get("taken_at") or "0001-01-01")
    return written.astimezone(UTC) if written.tzinfo else file.taken_at


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

    `taken_at` is the camera's own time; `taken_precision` says when only a day, month or year is known, `taken_from`
    when it stands elsewhere than in EXIF's own date of capture. Where it was taken is for the owner: a visitor may
    not know that it is home.
    How many bytes it has is for those who may download it.
    """
    written = file.metadata_json or {}
    found = {
        "name": file.original_filename,
        "size": file.size if downloads_allowed else None,
        "size_human": file.size_human if downloads_allowed else None,
        "width": file.width,
        "height": file.height,
        "taken_at": written.get("taken_at") or (file.taken_at.isoformat() if file.taken_at else None),
        **{name: written.get(name) for name in TOLD},
        "gps": written.get("gps") if is_owner else None,
        "withheld": private_originals.withheld(file) if file.collection.hides_location else None,
    }
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}
