"""Processing states of files: the allowed transitions, the queries for due files, and restarts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Update, and_, case, or_, select, update

from app.errors import Invalid, NotFound
from app.models import File, ProcessingStatus, db, utc_now
from app.services.lookup import is_live, is_picture
from app.services.transactions import changed, reading, transaction
from app.services.variants import isolation

PENDING, PROCESSING, COMPLETED = ProcessingStatus.PENDING, ProcessingStatus.PROCESSING, ProcessingStatus.COMPLETED
FAILED, RETRYING = ProcessingStatus.FAILED, ProcessingStatus.RETRYING
# The allowed transitions; every statement that changes a state is built by `move_to`, which enforces them.
TRANSITIONS: dict[ProcessingStatus, frozenset[ProcessingStatus]] = {
    PENDING: frozenset({PROCESSING}),
    PROCESSING: frozenset({PROCESSING, COMPLETED, RETRYING, FAILED, PENDING}),  # to itself: after an expired lease
    RETRYING: frozenset({PROCESSING, PENDING}),
    FAILED: frozenset({PENDING}),
    COMPLETED: frozenset({PENDING}),  # to make a lost or outdated variant again
}

FRESH = timedelta(hours=1)  # older uploads count as backfill, which must not delay new uploads
GAVE_UP = (
    f"Preparing this photo ended the server's worker {isolation.GIVEN_UP_AFTER} times, the last "
    f"{isolation.ISOLATED_DEATHS} while nothing else was being prepared, so it was given up. The original is saved."
)


class Due(NamedTuple):
    """A file that waits for a worker; `fresh` if it was uploaded within the last hour."""

    file_id: int
    fresh: bool


def sources(target: ProcessingStatus) -> list[ProcessingStatus]:
    """Return the states from which the target may be reached."""
    return [state for state, targets in TRANSITIONS.items() if target in targets]


def move_to(target: ProcessingStatus, *conditions: ColumnElement[bool]) -> Update:
    """Return an UPDATE that sets the target state on matching rows, skipping rows in a state that forbids it."""
    allowed = File.processing_status.in_(sources(target))
    return update(File).where(allowed, *conditions).values(processing_status=target)


def is_due(now: datetime) -> ColumnElement[bool]:
    """Return the condition for a file to wait for a worker at this time."""
    return and_(
        File.upload_complete,
        is_live(File),
        is_picture(),
        or_(
            File.processing_status == PENDING,
            and_(File.processing_status == RETRYING, File.next_attempt_at <= now),
            and_(File.processing_status == PROCESSING, is_unleased(now)),
        ),
    )


def is_unleased(now: datetime) -> ColumnElement[bool]:
    """Return the condition for a file to have no lease, or an expired one."""
    return or_(File.lease_expires_at.is_(None), File.lease_expires_at <= now)


def due(limit: int) -> list[Due]:
    """Return files that wait for a worker: fresh uploads before backfill, each oldest first.

    Files that must be prepared in isolation come last, those with the fewest interruptions first.
    """
    now = utc_now()
    fresh = File.created_at > now - FRESH
    interruptions = isolation.interruptions()
    suspicion = case((interruptions < isolation.SUSPECT_AFTER, 0), else_=interruptions)
    query = select(File.id, fresh).where(is_due(now)).order_by(suspicion, fresh.desc(), File.id).limit(limit)
    with reading() as session:
        return [Due(file_id, bool(is_fresh)) for file_id, is_fresh in session.execute(query)]


def is_at_rest(file_id: int) -> bool:
    """Return whether a file is neither pending nor being processed; True for a deleted file."""
    live = (File.id == file_id, is_live(File))
    with reading() as session:
        status = session.scalar(select(File.processing_status).where(*live))
    return status not in (PENDING, PROCESSING)


def give_up_exhausted() -> int:
    """Mark due files as failed that were interrupted GIVEN_UP_AFTER times; returns their number."""
    exhausted = and_(is_due(utc_now()), isolation.interruptions() >= isolation.GIVEN_UP_AFTER)
    if db.session.scalar(select(File.id).where(exhausted).limit(1)) is None:
        return 0  # read first, so that the sweep of an idle server takes no write lock
    with transaction() as session:
        values = {"error_code": "gave_up", "error": GAVE_UP, "lease_token": None, "lease_expires_at": None}
        interruptions = {"interruptions": isolation.GIVEN_UP_AFTER}
        return changed(session, move_to(FAILED, exhausted).values(values | interruptions))


def restart(file_id: int, *conditions: ColumnElement[bool]) -> bool:
    """Set a file to pending with no attempts; returns False if it is leased, already pending, or fails a condition."""
    return restart_all([file_id], *conditions) == 1


def restart_all(file_ids: Sequence[int], *conditions: ColumnElement[bool]) -> int:
    """Restart files in one statement, each as `restart` does; returns the number restarted."""
    if not file_ids:
        return 0
    meant = and_(File.id.in_(file_ids), is_live(File), is_unleased(utc_now()), *conditions)
    with transaction() as session:
        values = {"attempts": 0, "interruptions": 0, "next_attempt_at": None, "error": None, "error_code": None}
        return changed(session, move_to(PENDING, meant).values(values))


def retry(file_id: int) -> None:
    """Restart a failed or retrying file at its owner's request; raises NotFound, or Invalid in any other state."""
    file = db.session.get(File, file_id)
    if file is None or file.is_deleted:
        raise NotFound
    if file.processing_status not in (FAILED, RETRYING):
        raise Invalid("This file is not waiting for another try.")
    restart(file_id)
