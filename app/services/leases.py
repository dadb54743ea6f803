"""Named leases: the exclusive right of one process to do a task for a limited time.

Claims on files are separate: CLAIM_LEASE in variants/claims.py.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError

from app.models import Lease, db, new_uuid, utc_now
from app.services.transactions import reading, transaction


def acquire(name: str, lifetime: timedelta) -> str | None:
    """Acquire a lease that expires after its lifetime; returns its token, or None if it is already held."""
    now, token = utc_now(), new_uuid()
    expired = update(Lease).where(Lease.name == name, Lease.expires_at <= now)
    try:
        with transaction() as session:
            taken = session.execute(expired.values(token=token, expires_at=now + lifetime))
            if not (isinstance(taken, CursorResult) and taken.rowcount):
                session.add(Lease(name=name, token=token, expires_at=now + lifetime))
    except IntegrityError:
        return None
    return token


def release(name: str, token: str) -> None:
    """Release the lease if this token still holds it."""
    with transaction() as session:
        session.execute(delete(Lease).where(Lease.name == name, Lease.token == token))


def is_held(name: str) -> bool:
    """Return whether the lease is held now."""
    query = select(Lease.name).where(Lease.name == name, Lease.expires_at > utc_now())
    with reading() as session:
        return session.scalar(query) is not None


def sweep() -> None:
    """Delete the rows of expired leases."""
    if db.session.scalar(select(Lease.name).where(Lease.expires_at <= utc_now()).limit(1)) is None:
        return
    with transaction() as session:
        session.execute(delete(Lease).where(Lease.expires_at <= utc_now()))
