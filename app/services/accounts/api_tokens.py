"""API tokens: by which programs act in an account's name, on what it owns, as far as a scope goes.

A token lives until it is revoked or runs out. A change of the password leaves it alone, since a nightly import should
not end with it; the pages say so, and offer to revoke all of them.
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

PREFIX = "ps_"  # by which people, and tools that look for leaked secrets, know what it is
SECRET = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{32}}")  # tokens.BYTES in base64
LONGEST_NAME = 120
MOST = 50  # that an account may have at once
NOTED_EVERY = timedelta(minutes=1)


def make(user_id: int, *, name: str, scope: Scope, expires_at: datetime | None) -> tokens.Made:
    """A new token; raises Invalid, or Conflict for too many."""
    if not name.strip():
        raise Invalid("A token needs a name.", {"name": "A name, please."})
    if expires_at is not None and expires_at <= utc_now():
        raise Invalid("That day is over.", {"expires_at": "Choose a day to come, or none."})
    secret = PREFIX + tokens.new()
    with transaction() as session:
        if (session.scalar(_count(user_id)) or 0) >= MOST:
            raise Conflict(f"An account has {MOST} tokens at the most. Revoke one that nothing uses any more.")
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
    """The tokens of an account that open something still, the newest first."""
    query = select(ApiToken).where(ApiToken.user_id == user_id, _live())
    return db.session.scalars(query.order_by(ApiToken.id.desc())).all()


def count(user_id: int) -> int:
    """How many tokens of an account open something still."""
    return db.session.scalar(_count(user_id)) or 0


def holders() -> frozenset[int]:
    """The ids of the accounts that have any."""
    return frozenset(db.session.scalars(select(ApiToken.user_id).where(_live()).distinct()))


def by_secret(secret: str) -> ApiToken | None:
    """The token, if it opens something still, with its use noted.

    It is found by its digest: how long that takes says nothing of how much of a guess is right.
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
    """End a token of an account; raises NotFound."""
    if not _revoke(ApiToken.user_id == user_id, ApiToken.uuid == uuid):
        raise NotFound


def revoke_all(user_id: int) -> int:
    """End every token of an account: how many there were."""
    return _revoke(ApiToken.user_id == user_id)


def _revoke(*which: ColumnElement[bool]) -> int:
    with transaction() as session:
        return changed(session, update(ApiToken).where(*which, _live()).values(revoked_at=utc_now()))


def _note_use(token_id: int) -> None:
    """Note it at most once a minute, by whichever request is first; a database that is busy keeps nobody out."""
    stale = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at <= utc_now() - NOTED_EVERY)
    try:
        with transaction() as session:
            changed(session, update(ApiToken).where(ApiToken.id == token_id, stale).values(last_used_at=utc_now()))
    except DatabaseBusy:
        logger.warning("use of an API token not noted: the database is busy token=%d", token_id)


def _live() -> ColumnElement[bool]:
    lasts = or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > utc_now())
    return and_(ApiToken.revoked_at.is_(None), lasts)


def _count(user_id: int) -> Select[int]:
    return select(func.count(ApiToken.id)).where(ApiToken.user_id == user_id, _live())
