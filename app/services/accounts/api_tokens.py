"""API tokens: let a program act for an account, limited by a scope.

A token is valid until it is revoked or expires. A password change does not revoke it, so that a nightly import goes on;
the pages say so and offer to revoke all tokens.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update

from app.errors import Conflict, DatabaseBusy, Invalid, NotFound
from app.models import ApiToken, Scope, db, utc_now
from app.services.accounts import tokens
from app.services.transactions import changed, reading, transaction

logger = logging.getLogger(__name__)

PREFIX = "ps_"  # makes tokens recognisable to people and to scanners for leaked secrets
SECRET = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{32}}")  # tokens.BYTES in base64
LONGEST_NAME = 120
MAX_TOKENS = 50  # valid ones of an account
NOTED_EVERY = timedelta(minutes=1)


def make(user_id: int, *, name: str, scope: Scope, expires_at: datetime | None) -> tokens.Made:
    """Create a token; raises Invalid for an empty name or a past expiry, Conflict above MAX_TOKENS."""
    if not name.strip():
        raise Invalid("A token needs a name.", {"name": "Enter a name."})
    if expires_at is not None and expires_at <= utc_now():
        raise Invalid("This date is in the past.", {"expires_at": "Choose a later date, or leave it empty."})
    secret = PREFIX + tokens.new()
    with transaction() as session:
        if (session.scalar(_count(user_id)) or 0) >= MAX_TOKENS:
            raise Conflict(f"An account can have at most {MAX_TOKENS} tokens. Revoke one that you no longer use.")
        token = ApiToken(
            user_id=user_id,
            name=name.strip()[:LONGEST_NAME],
            secret_sha256=tokens.digest(secret),
            scope=scope,
            expires_at=expires_at,
        )
        session.add(token)
        session.flush()
        return tokens.Made(token.uuid, secret)


def of(user_id: int) -> Sequence[ApiToken]:
    """Return the valid tokens of an account, newest first."""
    query = select(ApiToken).where(ApiToken.user_id == user_id, _live())
    return db.session.scalars(query.order_by(ApiToken.id.desc())).all()


def count(user_id: int) -> int:
    """Return the number of valid tokens of an account."""
    return db.session.scalar(_count(user_id)) or 0


def holders() -> frozenset[int]:
    """Return the ids of the accounts that have a valid token."""
    return frozenset(db.session.scalars(select(ApiToken.user_id).where(_live()).distinct()))


def by_secret(secret: str) -> ApiToken | None:
    """Return the valid token with this secret, else None; records the use at most once a minute.

    The lookup compares digests, so its duration does not reveal how much of a guess is right.
    """
    if not SECRET.fullmatch(secret):
        return None
    found = select(ApiToken).where(ApiToken.secret_sha256 == tokens.digest(secret), _live())
    with reading() as session:
        token = session.scalar(found)
        if token is None:
            return None
        session.expunge(token)
    if token.last_used_at is None or token.last_used_at <= utc_now() - NOTED_EVERY:
        _note_use(token.id)
    return token


def revoke(user_id: int, uuid: str) -> None:
    """Revoke one token of an account; raises NotFound."""
    if not _revoke(ApiToken.user_id == user_id, ApiToken.uuid == uuid):
        raise NotFound


def revoke_all(user_id: int) -> int:
    """Revoke all tokens of an account; returns their number."""
    return _revoke(ApiToken.user_id == user_id)


def _revoke(*which: ColumnElement[bool]) -> int:
    with transaction() as session:
        return changed(session, update(ApiToken).where(*which, _live()).values(revoked_at=utc_now()))


def _note_use(token_id: int) -> None:
    """Update `last_used_at` at most once a minute; a busy database is logged and does not fail the request."""
    stale = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at <= utc_now() - NOTED_EVERY)
    try:
        with transaction() as session:
            changed(session, update(ApiToken).where(ApiToken.id == token_id, stale).values(last_used_at=utc_now()))
    except DatabaseBusy:
        logger.warning("last use of an API token not recorded: the database is busy token=%d", token_id)


def _live() -> ColumnElement[bool]:
    not_expired = or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > utc_now())
    return and_(ApiToken.revoked_at.is_(None), not_expired)


def _count(user_id: int) -> Select[int]:
    return select(func.count(ApiToken.id)).where(ApiToken.user_id == user_id, _live())
