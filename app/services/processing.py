"""Which file may be processed, by whom, and when: states, claims, leases and retries."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from app.errors import AppError, Invalid, NotFound
from app.models import File, ProcessingStatus, db, new_uuid, utc_now
from app.services.transactions import transaction

# Renewed while a job makes progress, so it needs to outlast one step (a stalled read, one decode), not a whole job;
# it is also how long a file waits after the process that held it was killed.
LEASE = timedelta(seconds=40)
RENEW_AFTER = timedelta(seconds=10)
MAX_ATTEMPTS = 4
FIRST_DELAY_SECONDS = 5.0


@dataclass(frozen=True)
class Claim:
    """The exclusive right to process one file, for as long as its lease is renewed."""

    file_id: int
    token: str
    attempt: int


def is_due(now: datetime) -> ColumnElement[bool]:
    """The condition for a row to be waiting for a worker at this moment."""
    return and_(
        File.upload_complete,
        File.mime_type.like("image/%"),
        or_(
            File.processing_status == ProcessingStatus.PENDING,
            and_(File.processing_status == ProcessingStatus.RETRYING, File.next_attempt_at <= now),
            and_(File.processing_status == ProcessingStatus.PROCESSING, File.lease_expires_at <= now),
        ),
    )


def due(limit: int) -> list[int]:
    """Ids of files that wait for a worker, oldest first."""
    query = select(File.id).where(is_due(utc_now())).order_by(File.id).limit(limit)
    ids = list(db.session.scalars(query))
    db.session.rollback()
    return ids


def is_free(now: datetime) -> ColumnElement[bool]:
    """The condition for a row not to be held by a live worker."""
    return or_(
        File.processing_status != ProcessingStatus.PROCESSING,
        File.lease_expires_at.is_(None),
        File.lease_expires_at <= now,
    )


def claim(file_id: int, *, on_request: bool = False) -> Claim | None:
    """The file, if it is due (or, on request, whatever its state) and nobody else has it; one atomic UPDATE."""
    now, token = utc_now(), new_uuid()
    condition = is_free(now) if on_request else and_(is_due(now), File.attempts < MAX_ATTEMPTS)
    taken = (
        update(File)
        .where(File.id == file_id, condition)
        .values(
            processing_status=ProcessingStatus.PROCESSING,
            attempts=File.attempts + 1,
            started_at=now,
            lease_token=token,
            lease_expires_at=now + LEASE,
            next_attempt_at=None,
        )
        .returning(File.attempts)
    )
    with transaction() as session:
        attempt = session.execute(taken).scalar_one_or_none()
    return Claim(file_id, token, attempt) if attempt is not None else None


class Lease:
    """A claim that is kept alive by whoever makes progress under it."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self._renewed_at = utc_now()

    def touch(self) -> None:
        """Renew the lease if a quarter of it has gone by; call it as often as you like."""
        now = utc_now()
        if now - self._renewed_at < RENEW_AFTER:
            return
        with transaction() as session:
            settle(session, self.claim, lease_expires_at=now + LEASE)
        self._renewed_at = now


def settle(session: Session, claim: Claim, **values: Any) -> bool:
    """Set columns of the claimed row; False, and nothing changed, if the claim was lost meanwhile."""
    query = update(File).where(File.id == claim.file_id, File.lease_token == claim.token).values(**values)
    result = session.execute(query, execution_options={"synchronize_session": False})
    return isinstance(result, CursorResult) and result.rowcount == 1


def completed() -> dict[str, Any]:
    """The columns of a file that has all it needs."""
    return {
        "processing_status": ProcessingStatus.COMPLETED,
        "completed_at": utc_now(),
        "error": None,
        "error_code": None,
        "lease_token": None,
        "lease_expires_at": None,
    }


def failed(claim: Claim, error: AppError, *, transient: bool) -> dict[str, Any]:
    """The columns after a failure: another attempt later if it may pass and attempts are left, else a visible end."""
    again = transient and claim.attempt < MAX_ATTEMPTS
    return {
        "processing_status": ProcessingStatus.RETRYING if again else ProcessingStatus.FAILED,
        "next_attempt_at": utc_now() + backoff(claim.attempt) if again else None,
        "error": error.message[:500],
        "error_code": error.code,
        "lease_token": None,
        "lease_expires_at": None,
    }


def backoff(attempt: int) -> timedelta:
    """How long to wait after this attempt: 5, 20, 80 s, half of it random so that many files do not return at once."""
    longest = FIRST_DELAY_SECONDS * 4 ** (attempt - 1)
    return timedelta(seconds=longest * random.uniform(0.5, 1.0))


def give_up_exhausted() -> int:
    """Fail, visibly, the files whose every attempt ended with the death of its process; returns how many."""
    now = utc_now()
    query = (
        update(File)
        .where(is_due(now), File.attempts >= MAX_ATTEMPTS)
        .values(
            processing_status=ProcessingStatus.FAILED,
            error_code="gave_up",
            error=f"Preparing this picture was interrupted {MAX_ATTEMPTS} times. The original is safe.",
            lease_token=None,
            lease_expires_at=None,
        )
    )
    if not _any_exhausted(now):
        return 0
    with transaction() as session:
        result = session.execute(query, execution_options={"synchronize_session": False})
        return result.rowcount if isinstance(result, CursorResult) else 0


def _any_exhausted(now: datetime) -> bool:
    """Asked first, so that the sweep of an idle server takes no write lock."""
    query = select(File.id).where(is_due(now), File.attempts >= MAX_ATTEMPTS).limit(1)
    return db.session.scalar(query) is not None


def retry(file_id: int) -> None:
    """Start a failed or waiting file anew; raises Invalid if it is neither."""
    with transaction() as session:
        file = session.get(File, file_id)
        if file is None:
            raise NotFound
        if file.processing_status not in (ProcessingStatus.FAILED, ProcessingStatus.RETRYING):
            raise Invalid("This file is not waiting for another try.")
        file.processing_status, file.attempts, file.next_attempt_at = ProcessingStatus.PENDING, 0, None
        file.error = file.error_code = None
