"""Status of variant generation: counts by state, the oldest waiting file, and the time left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import File, ProcessingStatus, utc_now
from app.services.lookup import is_live, is_picture
from app.services.transactions import reading

# The rate of the last minutes is the most current; if nothing was completed in them, that of the last hour is used.
WINDOWS = (timedelta(minutes=10), timedelta(hours=1))
UNFINISHED = (ProcessingStatus.PENDING, ProcessingStatus.PROCESSING, ProcessingStatus.RETRYING)


@dataclass(frozen=True)
class PhotosStatus:
    """Counts of pictures by state and of failures by code; times in seconds, None if unknown."""

    states: dict[str, int]
    failures: dict[str, int]
    oldest_waiting_seconds: float | None
    per_minute: float
    seconds_left: float | None

    @property
    def failed(self) -> int:
        """The number of failed pictures."""
        return self.states[ProcessingStatus.FAILED]

    def as_json(self) -> dict[str, Any]:
        """Return the status as printed by `--json`."""
        return {
            "states": self.states,
            "failures": self.failures,
            "oldest_waiting_seconds": self.oldest_waiting_seconds,
            "per_minute": round(self.per_minute, 2),
            "seconds_left": self.seconds_left,
        }


def read() -> PhotosStatus:
    """Return the present status; a fixed number of statements."""
    now = utc_now()
    images = (is_live(File), File.upload_complete, is_picture())
    by_state = select(File.processing_status, func.count()).where(*images).group_by(File.processing_status)
    by_code = select(File.error_code, func.count()).where(*images, File.processing_status == ProcessingStatus.FAILED)
    waiting = select(func.min(File.created_at)).where(*images, File.processing_status.in_(UNFINISHED))
    with reading() as session:
        counts = {str(state): number for state, number in session.execute(by_state)}
        failed = session.execute(by_code.group_by(File.error_code))
        failures = {code or "unknown": number for code, number in failed}
        oldest = session.scalar(waiting)
        rate = _per_minute(session, now)
    states = {str(state): counts.get(str(state), 0) for state in ProcessingStatus}
    left = sum(states[state] for state in UNFINISHED)
    return PhotosStatus(
        states,
        failures,
        (now - oldest).total_seconds() if oldest else None,
        rate,
        _seconds_left(left, rate),
    )


def _seconds_left(left: int, rate: float) -> float | None:
    if not left:
        return 0.0
    return round(left / rate * 60) if rate else None


def _per_minute(session: Session, now: datetime) -> float:
    for window in WINDOWS:
        made = session.scalar(select(func.count()).select_from(File).where(File.completed_at > now - window)) or 0
        if made:
            return float(made) / (window.total_seconds() / 60)
    return 0.0
