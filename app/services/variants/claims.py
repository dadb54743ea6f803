"""Claims: the exclusive, leased right of one worker to process a file, and the record of how the work ended."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from app.errors import AppError, DatabaseBusy, StorageFull
from app.models import File, ProcessingStatus, new_uuid, utc_now
from app.services.lookup import is_live
from app.services.transactions import changed, transaction
from app.services.variants import isolation
from app.services.variants.processing import COMPLETED, FAILED, PENDING, PROCESSING, RETRYING, is_due, move_to

MAX_ATTEMPTS = 4
FIRST_DELAY_SECONDS = 5.0
LONGEST_DELAY_SECONDS = 900.0

# Progress renews the lease, so it must outlast one step (a stalled read, one decode), not a whole job. After a worker
# is killed, its file waits this long.
CLAIM_LEASE = timedelta(seconds=40)
RENEW_AFTER = timedelta(seconds=10)


@dataclass(frozen=True)
class Claim:
    """The exclusive right to process one file; it expires CLAIM_LEASE after the last renewal."""

    file_id: int
    token: str
    attempt: int


def acquire(file_id: int) -> Claim | None:
    """Claim a file; returns None if it is not due or already claimed.

    A file that needs isolation may wait for other work to finish, for up to twice `isolation.WAIT_SECONDS`.
    """
    status = isolation.check(file_id)
    if status.is_needed:
        with isolation.exclusive(file_id) as is_exclusive:
            return _take(file_id) if is_exclusive else None
    claim = None if status.is_blocked else _take(file_id)
    if claim is not None and isolation.is_blocked(file_id):  # checked after the commit: one of two rivals sees it
        release(claim)
        return None
    return claim


def _take(file_id: int) -> Claim | None:
    """Claim by one atomic UPDATE; taking over an interrupted attempt does not count as another attempt."""
    now, token = utc_now(), new_uuid()
    taken = (
        move_to(PROCESSING, is_due(now), File.id == file_id, isolation.interruptions() < isolation.GIVEN_UP_AFTER)
        .values(
            attempts=File.attempts + case((File.processing_status == PROCESSING, 0), else_=1),
            interruptions=isolation.interruptions(),
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


_held: set[Claim] = set()  # claims under which this process works
_unreleased: set[Claim] = set()  # claims whose work was broken off, and which are still to be released


class HeldClaim:
    """Context manager for work under a claim; `touch` renews its lease."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self._renewed_at = utc_now()

    def __enter__(self) -> Self:
        _held.add(self.claim)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Note the claim for `release_broken_off` after DatabaseBusy, or when this process is ending."""
        _held.discard(self.claim)
        if kind is not None and (issubclass(kind, DatabaseBusy) or not issubclass(kind, Exception)):
            _unreleased.add(self.claim)
            if not issubclass(kind, Exception):
                release_broken_off()

    def touch(self) -> None:
        """Renew the lease if RENEW_AFTER has passed since the last renewal; otherwise do nothing."""
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
    """Return whether objects made under a claim that `settle` refused may be deleted.

    False if another worker has claimed the file. If the file was deleted, its lease is renewed: until the claim is
    released, the file can neither be purged nor, once restored, be claimed.
    """
    with transaction() as session:
        if _renew(session, claim, utc_now()):
            return True
        purging = select(File.purging_at.is_not(None)).where(File.id == claim.file_id)
        return session.scalar(purging) is not False  # None: the row no longer exists


def settle(session: Session, claim: Claim, error: AppError | None, **values: Any) -> bool:
    """Record the outcome of the work and end the claim, setting further columns to `values`.

    Returns False and changes nothing if the claim was lost or the file deleted.
    """
    target, outcome = _completed() if error is None else _failed(claim, error)
    held = move_to(target, File.id == claim.file_id, File.lease_token == claim.token, is_live(File))
    return changed(session, held.values(lease_token=None, lease_expires_at=None, **outcome, **values)) == 1


def _completed() -> tuple[ProcessingStatus, dict[str, Any]]:
    return COMPLETED, {"completed_at": utc_now(), "error": None, "error_code": None}


def _failed(claim: Claim, error: AppError) -> tuple[ProcessingStatus, dict[str, Any]]:
    """Return the new state and columns; transient errors allow MAX_ATTEMPTS in all, a full disk any number."""
    again = error.transient and (claim.attempt < MAX_ATTEMPTS or isinstance(error, StorageFull))
    next_attempt_at = utc_now() + backoff(claim.attempt) if again else None
    words = {"error": error.message[:500], "error_code": error.code}
    return (RETRYING if again else FAILED), {"next_attempt_at": next_attempt_at, **words}


def backoff(attempt: int) -> timedelta:
    """Return the delay after an attempt: at most 5, 20, 80 s, ... 15 min; up to half is cut at random."""
    longest = min(FIRST_DELAY_SECONDS * 4 ** min(attempt - 1, 8), LONGEST_DELAY_SECONDS)
    return timedelta(seconds=longest * random.uniform(0.5, 1.0))  # noqa: S311  no secret


def release(claim: Claim) -> bool:
    """Set a claimed file back to pending without counting the attempt; returns False if the claim was lost."""
    held = move_to(PENDING, File.id == claim.file_id, File.lease_token == claim.token)
    with transaction() as session:
        values = {"lease_token": None, "lease_expires_at": None, "attempts": claim.attempt - 1}
        return changed(session, held.values(values)) == 1


def release_all() -> int:
    """Release every claim that this process holds; returns the number released."""
    return sum(release(claim) for claim in list(_held))


def release_broken_off() -> None:
    """Release the claims whose work was broken off; raises DatabaseBusy, and keeps the remaining ones for later."""
    for claim in list(_unreleased):
        release(claim)
        _unreleased.discard(claim)


def excuse_all() -> None:
    """Mark every file that this process works on, so that ending the process does not count as an interruption."""
    held = [claim.token for claim in list(_held)]
    if not held:
        return
    with transaction() as session:
        changed(session, update(File).where(File.lease_token.in_(held)).values(started_at=None))
