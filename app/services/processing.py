"""Which file may be processed, by whom, and when: states, claims, leases and retries."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from sqlalchemy import ColumnElement, Update, and_, or_, select, update
from sqlalchemy.orm import Session

from app.errors import AppError, Invalid, NotFound
from app.models import File, ProcessingStatus, db, new_uuid, utc_now
from app.services.transactions import changed, transaction

PENDING, PROCESSING, COMPLETED, FAILED, RETRYING = (
    ProcessingStatus.PENDING,
    ProcessingStatus.PROCESSING,
    ProcessingStatus.COMPLETED,
    ProcessingStatus.FAILED,
    ProcessingStatus.RETRYING,
)
# Every way from one state to another; each statement below is bound by it through `_moving`.
TRANSITIONS: dict[ProcessingStatus, frozenset[ProcessingStatus]] = {
    PENDING: frozenset({PROCESSING}),
    PROCESSING: frozenset({PROCESSING, COMPLETED, RETRYING, FAILED, PENDING}),  # to itself: a lease that ran out
    RETRYING: frozenset({PROCESSING, PENDING}),
    FAILED: frozenset({PENDING}),
    COMPLETED: frozenset({PENDING}),  # a variant was lost, or is wanted anew
}

# Renewed while a job makes progress, so it needs to outlast one step (a stalled read, one decode), not a whole job;
# it is also how long a file waits after the process that held it was killed.
LEASE = timedelta(seconds=40)
RENEW_AFTER = timedelta(seconds=10)
MAX_ATTEMPTS = 4
FRESH = timedelta(hours=1)  # what was uploaded longer ago is backfill, and must not delay what is uploaded now
FIRST_DELAY_SECONDS = 5.0


@dataclass(frozen=True)
class Claim:
    """The exclusive right to process one file, for as long as its lease is renewed."""

    file_id: int
    token: str
    attempt: int


class Due(NamedTuple):
    """A file that waits for a worker; somebody may be looking at the page of a fresh one."""

    file_id: int
    fresh: bool


def sources(target: ProcessingStatus) -> list[ProcessingStatus]:
    """The states from which this one may be reached."""
    return [state for state, targets in TRANSITIONS.items() if target in targets]


def is_due(now: datetime) -> ColumnElement[bool]:
    """The condition for a row to be waiting for a worker at this moment."""
    return and_(
        File.upload_complete,
        File.deleted_at.is_(None),
        File.mime_type.like("image/%"),
        or_(
            File.processing_status == PENDING,
            and_(File.processing_status == RETRYING, File.next_attempt_at <= now),
            and_(File.processing_status == PROCESSING, lease_is_over(now)),
        ),
    )


def lease_is_over(now: datetime) -> ColumnElement[bool]:
    """The condition for no worker to be at a file."""
    return or_(File.lease_expires_at.is_(None), File.lease_expires_at <= now)


def due(limit: int) -> list[Due]:
    """Files that wait for a worker, fresh uploads before backfill, and of those the oldest first."""
    now = utc_now()
    fresh = File.created_at > now - FRESH
    query = select(File.id, fresh).where(is_due(now)).order_by(fresh.desc(), File.id).limit(limit)
    found = [Due(file_id, bool(is_fresh)) for file_id, is_fresh in db.session.execute(query)]
    db.session.rollback()
    return found


def is_at_rest(file_id: int) -> bool:
    """Whether no worker has the file or will have it in a moment; a deleted one is nobody's."""
    live = (File.id == file_id, File.deleted_at.is_(None))
    status = db.session.scalar(select(File.processing_status).where(*live))
    db.session.rollback()
    return status not in (PENDING, PROCESSING)


def claim(file_id: int) -> Claim | None:
    """The file, if it is due and nobody else has it; one atomic UPDATE."""
    now, token = utc_now(), new_uuid()
    taken = (
        _moving(PROCESSING, is_due(now), File.id == file_id, File.attempts < MAX_ATTEMPTS)
        .values(
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


_held: set[Claim] = set()  # the claims that this process works under


class Lease:
    """A claim that is kept alive by whoever makes progress under it."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self._renewed_at = utc_now()

    def __enter__(self) -> Self:
        _held.add(self.claim)
        return self

    def __exit__(self, *_: object) -> None:
        _held.discard(self.claim)

    def touch(self) -> None:
        """Renew the lease if a quarter of it has gone by; call it as often as you like."""
        now = utc_now()
        if now - self._renewed_at < RENEW_AFTER:
            return
        with transaction() as session:
            _renew(session, self.claim, now)
        self._renewed_at = now


def _renew(session: Session, claim: Claim, now: datetime) -> bool:
    held = update(File).where(File.id == claim.file_id, File.lease_token == claim.token)
    return changed(session, held.values(lease_expires_at=now + LEASE)) == 1


def may_discard(claim: Claim) -> bool:
    """Whether what was made under a claim that could not be settled belongs to nobody.

    It does not if another worker has taken the file over. Where the file was deleted the lease is renewed, so that
    it can neither be purged nor, if it is restored, be claimed before its objects are discarded and it is handed back.
    """
    with transaction() as session:
        if _renew(session, claim, utc_now()):
            return True
        purging = select(File.purging_at.is_not(None)).where(File.id == claim.file_id)
        return session.scalar(purging) is not False  # None: there is no such row any more


def settle(session: Session, claim: Claim, error: AppError | None, **values: Any) -> bool:
    """Record how the work under a claim ended.

    False, and nothing changed, if the claim was lost meanwhile, or the file was deleted.
    """
    target, outcome = _completed() if error is None else _failed(claim, error)
    held = _moving(target, File.id == claim.file_id, File.lease_token == claim.token, File.deleted_at.is_(None))
    return changed(session, held.values(lease_token=None, lease_expires_at=None, **outcome, **values)) == 1


def _completed() -> tuple[ProcessingStatus, dict[str, Any]]:
    return COMPLETED, {"completed_at": utc_now(), "error": None, "error_code": None}


def _failed(claim: Claim, error: AppError) -> tuple[ProcessingStatus, dict[str, Any]]:
    """Another attempt later if the error may pass and attempts are left, else a visible end."""
    again = error.transient and claim.attempt < MAX_ATTEMPTS
    next_attempt_at = utc_now() + backoff(claim.attempt) if again else None
    words = {"error": error.message[:500], "error_code": error.code}
    return (RETRYING if again else FAILED), {"next_attempt_at": next_attempt_at, **words}


def backoff(attempt: int) -> timedelta:
    """How long to wait after this attempt: 5, 20, 80 s, half of it random so that many files do not return at once."""
    longest = FIRST_DELAY_SECONDS * 4 ** (attempt - 1)
    return timedelta(seconds=longest * random.uniform(0.5, 1.0))  # noqa: S311  no secret


def hand_back(claim: Claim) -> bool:
    """Return a file whose work was broken off, as if the attempt had not been made."""
    held = _moving(PENDING, File.id == claim.file_id, File.lease_token == claim.token)
    with transaction() as session:
        values = {"lease_token": None, "lease_expires_at": None, "attempts": claim.attempt - 1}
        return changed(session, held.values(values)) == 1


def hand_back_all() -> int:
    """Return every file that this process works on; returns how many."""
    return sum(hand_back(claim) for claim in list(_held))


def give_up_exhausted() -> int:
    """Fail, visibly, the files whose every attempt ended with the death of its process; returns how many."""
    exhausted = and_(is_due(utc_now()), File.attempts >= MAX_ATTEMPTS)
    if db.session.scalar(select(File.id).where(exhausted).limit(1)) is None:
        return 0  # asked first, so that the sweep of an idle server takes no write lock
    words = f"Preparing this picture was interrupted {MAX_ATTEMPTS} times. The original is safe."
    with transaction() as session:
        values = {"error_code": "gave_up", "error": words, "lease_token": None, "lease_expires_at": None}
        return changed(session, _moving(FAILED, exhausted).values(values))


def restart(file_id: int, *conditions: ColumnElement[bool]) -> bool:
    """Start a file anew from the first attempt; False if a worker has it, it waits already, or a condition fails."""
    return restart_all([file_id], *conditions) == 1


def restart_all(file_ids: Sequence[int], *conditions: ColumnElement[bool]) -> int:
    """Start many files anew by one statement, as `restart` does one; returns how many."""
    if not file_ids:
        return 0
    meant = and_(File.id.in_(file_ids), File.deleted_at.is_(None), lease_is_over(utc_now()), *conditions)
    with transaction() as session:
        values = {"attempts": 0, "next_attempt_at": None, "error": None, "error_code": None}
        return changed(session, _moving(PENDING, meant).values(values))


def retry(file_id: int) -> None:
    """Start a failed or waiting file anew, as its owner asks; raises NotFound, or Invalid if it is neither."""
    file = db.session.get(File, file_id)
    if file is None or file.deleted_at is not None:
        raise NotFound
    if file.processing_status not in (FAILED, RETRYING):
        raise Invalid("This file is not waiting for another try.")
    restart(file_id)


def _moving(target: ProcessingStatus, *conditions: ColumnElement[bool]) -> Update:
    """An UPDATE that moves rows into a state from those states only from which it may be reached."""
    allowed = File.processing_status.in_(sources(target))
    return update(File).where(allowed, *conditions).values(processing_status=target)
