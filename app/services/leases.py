"""Named leases: the right of one process, for a time, to do what only one should do.

Claims on files to prepare have leases of their own: CLAIM_LEASE in variants/claims.py.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError

from app.models import Lease, db, new_uuid, utc_now
from app.services.transactions import reading, transaction


def acquire(name: str, lifetime: timedelta) -> str | None:
    """A token if nobody holds the lease now, else None; it is free again after its lifetime."""
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
    """Give the lease back, if it is still this token's."""
    with transaction() as session:
        session.execute(delete(Lease).where(Lease.name == name, Lease.token == token))


def is_held(name: str) -> bool:
    """Whether somebody holds the lease now."""
    query = select(Lease.name).where(Lease.name == name, Lease.expires_at > utc_now())
    with reading() as session:
        return session.scalar(query) is not None


def sweep() -> None:
    """Forget the leases that ran out."""
    if db.session.scalar(select(Lease.name).where(Lease.expires_at <= utc_now()).limit(1)) is None:
        return
    with transaction() as session:
        session.execute(delete(Lease).where(Lease.expires_at <= utc_now()))
