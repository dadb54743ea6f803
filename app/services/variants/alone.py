"""Preparing alone what was interrupted twice, so that only the photo that ends its own worker is given up.

A worker that dies takes down whatever was prepared beside the guilty photo. From its second interruption on a photo is
prepared alone: no other preparation runs in any worker that shares the database, whatever process or machine it is on,
since workers of one machine share its memory and the database does not know which of them do. A photo whose worker
died twice while it was alone is given up: a power cut or an operator's kill may be to blame once.
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

SUSPECT_AFTER = 2  # interruptions beside others, which blame nobody
DEATHS_ALONE = 2
GIVEN_UP_AFTER = SUSPECT_AFTER + DEATHS_ALONE

SILENCE = "prepare alone"  # the lease of whoever waits for the others to finish; nobody begins meanwhile
SILENCE_LIFETIME = timedelta(seconds=15)
PATIENCE_SECONDS = 10.0  # below the lifetime, so that the lease lasts until the claim
POLL_SECONDS = 0.2
FAILED_VARIANT, VARIANT = "variant/%/failed", "variant/%"  # leases; those that failed are marks, not work

Found = TypeVar("Found")
Other = aliased(File)


class Standing(NamedTuple):
    """Whether a file has to be prepared alone, and whether another has the workers to itself, or waits for that."""

    suspect: bool
    reserved: bool


def interruptions() -> ColumnElement[int]:
    """How often a file was interrupted, the last time included; a worker that was told to end is no interruption."""
    died = and_(File.processing_status == ProcessingStatus.PROCESSING, File.started_at.is_not(None))
    return File.interruptions + case((died, 1), else_=0)


def standing(file_id: int) -> Standing:
    """How a file stands that is about to be claimed."""
    suspect = interruptions() >= SUSPECT_AFTER
    with reading() as session:
        found = session.execute(select(suspect, _reserved(file_id)).where(File.id == file_id)).one_or_none()
    return Standing(bool(found[0]), bool(found[1])) if found else Standing(suspect=False, reserved=False)


def is_reserved(file_id: int | None = None) -> bool:
    """Whether a file other than this one has the workers to itself, or waits for that."""
    with reading() as session:
        return bool(session.scalar(select(_reserved(file_id))))


@contextmanager
def silence(file_id: int) -> Iterator[bool]:
    """Keep the others from beginning, and wait for those that run; False if that took longer than PATIENCE_SECONDS."""
    token = _waited(lambda: None if leases.is_held(SILENCE) else leases.acquire(SILENCE, SILENCE_LIFETIME))
    try:
        yield token is not None and bool(_waited(lambda: not _others_work(file_id)))
    finally:
        if token is not None:
            leases.release(SILENCE, token)


def _waited(look: Callable[[], Found]) -> Found:
    """The first answer that is true, or the last one."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return found


def _reserved(file_id: int | None) -> ColumnElement[bool]:
    now = utc_now()
    waiting = select(Lease.name).where(Lease.name == SILENCE, Lease.expires_at > now)
    alone = _at_work(file_id, now).where(Other.interruptions >= SUSPECT_AFTER)
    return or_(waiting.exists(), alone.exists())


def _others_work(file_id: int) -> bool:
    now = utc_now()
    on_demand = select(Lease.name).where(
        Lease.name.like(VARIANT), Lease.name.not_like(FAILED_VARIANT), Lease.expires_at > now
    )
    with reading() as session:
        return bool(session.scalar(select(or_(_at_work(file_id, now).exists(), on_demand.exists()))))


def _at_work(but: int | None, now: datetime) -> Select[int]:
    """Files that a worker has now; aliased, since the statement around it may be about another row."""
    held = Other.processing_status == ProcessingStatus.PROCESSING, Other.lease_expires_at > now
    query = select(Other.id).where(*held)
    return query if but is None else query.where(Other.id != but)
