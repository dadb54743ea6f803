"""Isolation: a photo that was interrupted twice is prepared while no worker prepares anything else.

A worker that crashes interrupts all photos it was preparing, not only the one at fault. In isolation, a crash can be
attributed to one photo. Isolation covers all processes and machines that share the database: workers of one machine
share its memory, and the database does not know which of them do. A photo is given up after two crashes in isolation,
since one may be a power cut or an operator's kill.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Select, and_, case, or_, select
from sqlalchemy.orm import aliased

from app.models import File, Lease, ProcessingStatus, utc_now
from app.services import leases
from app.services.transactions import reading

SUSPECT_AFTER = 2  # interruptions, each perhaps caused by another photo
ISOLATED_DEATHS = 2
GIVEN_UP_AFTER = SUSPECT_AFTER + ISOLATED_DEATHS

LEASE = "prepare alone"  # held while waiting for other work to finish; no other work may begin
LEASE_LIFETIME = timedelta(seconds=15)
WAIT_SECONDS = 10.0  # less than the lifetime, so that the lease lasts until the claim
POLL_SECONDS = 0.2
FAILED_VARIANT, VARIANT = "variant/%/failed", "variant/%"  # lease names; `failed` marks a pause, not work

Found = TypeVar("Found")
Other = aliased(File)


class Isolation(NamedTuple):
    """Whether a file must be prepared in isolation, and whether another file is in isolation or waits for it."""

    is_needed: bool
    is_blocked: bool


def interruptions() -> ColumnElement[int]:
    """Return the SQL expression of a file's interruptions; its present run counts, unless the worker is shut down."""
    died = and_(File.processing_status == ProcessingStatus.PROCESSING, File.started_at.is_not(None))
    return File.interruptions + case((died, 1), else_=0)


def check(file_id: int) -> Isolation:
    """Return whether a file to be claimed needs isolation, and whether the isolation of another file blocks it."""
    suspect = interruptions() >= SUSPECT_AFTER
    with reading() as session:
        found = session.execute(select(suspect, _blocked(file_id)).where(File.id == file_id)).one_or_none()
    return Isolation(bool(found[0]), bool(found[1])) if found else Isolation(is_needed=False, is_blocked=False)


def is_blocked(file_id: int | None = None) -> bool:
    """Return whether a file other than this one is in isolation, or waits for it."""
    with reading() as session:
        return bool(session.scalar(select(_blocked(file_id))))


@contextmanager
def exclusive(file_id: int) -> Iterator[bool]:
    """Block other work from beginning and wait for running work; yields False if either wait exceeds WAIT_SECONDS."""
    token = _wait_for(lambda: None if leases.is_held(LEASE) else leases.acquire(LEASE, LEASE_LIFETIME))
    try:
        yield token is not None and bool(_wait_for(lambda: not _is_other_work_running(file_id)))
    finally:
        if token is not None:
            leases.release(LEASE, token)


def _wait_for(poll: Callable[[], Found]) -> Found:
    """Poll until the result is truthy or WAIT_SECONDS have passed; returns the last result."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not (found := poll()) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return found


def _blocked(file_id: int | None) -> ColumnElement[bool]:
    now = utc_now()
    waiting = select(Lease.name).where(Lease.name == LEASE, Lease.expires_at > now)
    isolated = _leased(file_id, now).where(Other.interruptions >= SUSPECT_AFTER)
    return or_(waiting.exists(), isolated.exists())


def _is_other_work_running(file_id: int) -> bool:
    now = utc_now()
    on_demand = select(Lease.name).where(
        Lease.name.like(VARIANT), Lease.name.not_like(FAILED_VARIANT), Lease.expires_at > now
    )
    with reading() as session:
        return bool(session.scalar(select(or_(_leased(file_id, now).exists(), on_demand.exists()))))


def _leased(excluded: int | None, now: datetime) -> Select[int]:
    """Select the files that a worker holds; aliased, because the enclosing statement may select from File."""
    query = select(Other.id).where(Other.processing_status == ProcessingStatus.PROCESSING, Other.lease_expires_at > now)
    return query if excluded is None else query.where(Other.id != excluded)
