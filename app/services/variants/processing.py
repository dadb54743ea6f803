"""Which file may be processed, by whom, and when: states, claims, leases and retries."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from sqlalchemy import ColumnElement, Update, and_, case, or_, select, update
from sqlalchemy.orm import Session

from app.errors import AppError, DatabaseBusy, Invalid, NotFound, StorageFull
from app.models import File, ProcessingStatus, db, new_uuid, utc_now
from app.services.lookup import is_live, is_picture
from app.services.transactions import changed, reading, transaction
from app.services.variants import alone

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

MAX_ATTEMPTS = 4
FRESH = timedelta(hours=1)  # what was uploaded longer ago is backfill, and must not delay what is uploaded now
FIRST_DELAY_SECONDS = 5.0
LONGEST_DELAY_SECONDS = 900.0
GAVE_UP = (
    f"Preparing this photo ended the server's worker {alone.GIVEN_UP_AFTER} times, the last {alone.DEATHS_ALONE} while "
    "nothing else was being prepared, so it was given up. The original is safe."
)

# How long a claim lives unless it is renewed. Progress renews it, so it has to outlast one step (a stalled read, one
# decode) and not a whole job. A file waits this long after the process that held it was killed.
CLAIM_LEASE = timedelta(seconds=40)
RENEW_AFTER = timedelta(seconds=10)


@dataclass(frozen=True)
class Claim:
    """The exclusive right to process one file, until CLAIM_LEASE after it was last renewed."""

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
        is_live(File),
        is_picture(),
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
    """Files that wait for a worker, fresh uploads before backfill, and of those the oldest first.

    Last come those that are prepared alone, the least suspect first.
    """
    now = utc_now()
    fresh = File.created_at > now - FRESH
    interruptions = alone.interruptions()
    suspicion = case((interruptions < alone.SUSPECT_AFTER, 0), else_=interruptions)
    query = select(File.id, fresh).where(is_due(now)).order_by(suspicion, fresh.desc(), File.id).limit(limit)
    with reading() as session:
        return [Due(file_id, bool(is_fresh)) for file_id, is_fresh in session.execute(query)]


def is_at_rest(file_id: int) -> bool:
    """Whether no worker has the file or will have it in a moment; a deleted one is nobody's."""
    live = (File.id == file_id, is_live(File))
    with reading() as session:
        status = session.scalar(select(File.processing_status).where(*live))
    return status not in (PENDING, PROCESSING)


def claim(file_id: int) -> Claim | None:
    """The file, if it is due and nobody else has it; waits a while where it has to be prepared alone."""
    standing = alone.standing(file_id)
    if standing.suspect:
        with alone.silence(file_id) as is_silent:
            return _taken(file_id) if is_silent else None
    taken = None if standing.reserved else _taken(file_id)
    if taken is not None and alone.is_reserved(file_id):  # looked at after the commit: of two, one sees the other
        hand_back(taken)
        return None
    return taken


def _taken(file_id: int) -> Claim | None:
    """One atomic UPDATE; an attempt that was interrupted is made again, not counted twice."""
    now, token = utc_now(), new_uuid()
    taken = (
        _moving(PROCESSING, is_due(now), File.id == file_id, alone.interruptions() < alone.GIVEN_UP_AFTER)
        .values(
            attempts=File.attempts + case((File.processing_status == PROCESSING, 0), else_=1),
            interruptions=alone.interruptions(),
            started_at=now,
            lease_token=token,
            lease_expires_at=now + CLAIM_LEASE,
            next_attempt_at=None,
        )
        .returning(File.attempts)
    )
    with transaction() as session:
        attempt = session.execute(taken).scalar_one_or_none()
    return Claim(file_id, token, attempt) if attempt is not None else None


_held: set[Claim] = set()  # the claims that this process works under
_owed: set[Claim] = set()  # those that it has left, and could not hand back yet


class HeldClaim:
    """Context manager for work under a claim; `touch` renews its lease."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self._renewed_at = utc_now()

    def __enter__(self) -> Self:
        _held.add(self.claim)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Note the file for `hand_back_owed` if DatabaseBusy or the end of this process broke off the work."""
        _held.discard(self.claim)
        if kind is not None and (issubclass(kind, DatabaseBusy) or not issubclass(kind, Exception)):
            _owed.add(self.claim)
            if not issubclass(kind, Exception):
                hand_back_owed()

    def touch(self) -> None:
        """Renew the lease if RENEW_AFTER has passed since the last time; calls in between are cheap."""
        now = utc_now()
        if now - self._renewed_at < RENEW_AFTER:
            return
        with transaction() as session:
            _renew(session, self.claim, now)
        self._renewed_at = now


def _renew(session: Session, claim: Claim, now: datetime) -> bool:
    held = update(File).where(File.id == claim.file_id, File.lease_token == claim.token)
    return changed(session, held.values(lease_expires_at=now + CLAIM_LEASE)) == 1


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
    held = _moving(target, File.id == claim.file_id, File.lease_token == claim.token, is_live(File))
    return changed(session, held.values(lease_token=None, lease_expires_at=None, **outcome, **values)) == 1


def _completed() -> tuple[ProcessingStatus, dict[str, Any]]:
    return COMPLETED, {"completed_at": utc_now(), "error": None, "error_code": None}


def _failed(claim: Claim, error: AppError) -> tuple[ProcessingStatus, dict[str, Any]]:
    """Another attempt later if the error may pass and attempts are left, else a visible end."""
    again = error.transient and (claim.attempt < MAX_ATTEMPTS or isinstance(error, StorageFull))  # until there is space
    next_attempt_at = utc_now() + backoff(claim.attempt) if again else None
    words = {"error": error.message[:500], "error_code": error.code}
    return (RETRYING if again else FAILED), {"next_attempt_at": next_attempt_at, **words}


def backoff(attempt: int) -> timedelta:
    """How long to wait after this attempt: 5, 20, 80 s, half of it random so that many files do not return at once.

    While the disk is full it goes on, a quarter of an hour at the longest.
    """
    longest = min(FIRST_DELAY_SECONDS * 4 ** min(attempt - 1, 8), LONGEST_DELAY_SECONDS)
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


def hand_back_owed() -> None:
    """Return the files that work was broken off for; raises DatabaseBusy, and keeps them in mind then."""
    for claim in list(_owed):
        hand_back(claim)
        _owed.discard(claim)


def excuse_all() -> None:
    """Note of every file that this process works on that its end, from now on, is not an interruption."""
    held = [claim.token for claim in list(_held)]
    if not held:
        return
    with transaction() as session:
        changed(session, update(File).where(File.lease_token.in_(held)).values(started_at=None))


def give_up_exhausted() -> int:
    """Fail, visibly, the files whose workers died although nothing else was prepared; returns how many."""
    exhausted = and_(is_due(utc_now()), alone.interruptions() >= alone.GIVEN_UP_AFTER)
    if db.session.scalar(select(File.id).where(exhausted).limit(1)) is None:
        return 0  # asked first, so that the sweep of an idle server takes no write lock
    with transaction() as session:
        values = {"error_code": "gave_up", "error": GAVE_UP, "lease_token": None, "lease_expires_at": None}
        return changed(session, _moving(FAILED, exhausted).values(values | {"interruptions": alone.GIVEN_UP_AFTER}))


def restart(file_id: int, *conditions: ColumnElement[bool]) -> bool:
    """Start a file anew from the first attempt; False if a worker has it, it waits already, or a condition fails."""
    return restart_all([file_id], *conditions) == 1


def restart_all(file_ids: Sequence[int], *conditions: ColumnElement[bool]) -> int:
    """Start many files anew by one statement, as `restart` does one; returns how many."""
    if not file_ids:
        return 0
    meant = and_(File.id.in_(file_ids), is_live(File), lease_is_over(utc_now()), *conditions)
    with transaction() as session:
        values = {"attempts": 0, "interruptions": 0, "next_attempt_at": None, "error": None, "error_code": None}
        return changed(session, _moving(PENDING, meant).values(values))


def retry(file_id: int) -> None:
    """Start a failed or waiting file anew, as its owner asks; raises NotFound, or Invalid if it is neither."""
    file = db.session.get(File, file_id)
    if file is None or file.is_deleted:
        raise NotFound
    if file.processing_status not in (FAILED, RETRYING):
        raise Invalid("This file is not waiting for another try.")
    restart(file_id)


def _moving(target: ProcessingStatus, *conditions: ColumnElement[bool]) -> Update:
    """An UPDATE that moves rows into a state from those states only from which it may be reached."""
    allowed = File.processing_status.in_(sources(target))
    return update(File).where(allowed, *conditions).values(processing_status=target)
