"""Grants: what a browser has opened, stored under the random id in its session, because a cookie holds too few."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Row, and_, delete, or_, select
from sqlalchemy.exc import IntegrityError

from app import models
from app.models import Collection, Privacy, ShareLink, db, utc_now
from app.services.access.rules import NO_GRANT, Grant, Link, Visitor, manages, seal
from app.services.transactions import transaction

LIFETIME = timedelta(days=90)


def with_grant(visitor: Visitor, collection: Collection) -> Visitor:
    """The visitor with its present grant for the collection."""
    return replace(visitor, grants={**visitor.grants, collection.uuid: of(visitor, collection)})


def of(visitor: Visitor, collection: Collection) -> Grant:
    """What the visitor has opened of the collection, by its password or by a share link that still works.

    Takes one statement, and none where the visitor needs no grant or where its session opens the collection.
    """
    if collection.privacy == Privacy.PUBLIC or manages(visitor, collection):
        return NO_GRANT
    if collection.privacy == Privacy.PASSWORD and _opens(visitor.seals.get(collection.uuid), collection):
        return Grant(opened=True)
    stored = _stored(visitor.browser, collection.id) if visitor.browser else None
    if stored is None:
        return NO_GRANT
    opened = collection.uuid not in visitor.seals and _opens(stored.seal, collection)
    return Grant(opened, Link(stored.downloads_allowed, stored.expires_at) if stored.id is not None else None)


def _opens(kept: str | bool | None, collection: Collection) -> bool:
    return kept is True or kept == seal(collection)


def _stored(browser: str, collection_id: int) -> Row[str | None, int, bool, datetime | None] | None:
    """The seal that is stored for a browser, and its share link with NULL in place of one that is over."""
    works = and_(
        ShareLink.id == models.Grant.share_link_id,
        ShareLink.collection_id == models.Grant.collection_id,
        ShareLink.revoked_at.is_(None),
        or_(ShareLink.expires_at.is_(None), ShareLink.expires_at > utc_now()),
    )
    query = select(models.Grant.seal, ShareLink.id, ShareLink.downloads_allowed, ShareLink.expires_at)
    query = query.outerjoin_from(models.Grant, ShareLink, works)
    wanted = query.where(models.Grant.visitor == browser, models.Grant.collection_id == collection_id)
    return db.session.execute(wanted).one_or_none()


def note_seal(browser: str, collection_id: int, seal: str) -> None:
    """Store the seal of the password that the browser gave."""
    _note(browser, collection_id, seal=seal)


def note_link(browser: str, collection_id: int, share_link_id: int) -> None:
    """Store the share link by which the browser came; a later link to the same collection replaces it."""
    _note(browser, collection_id, share_link_id=share_link_id)


def forget_old() -> None:
    """Delete the grants older than LIFETIME."""
    old = models.Grant.created_at < utc_now() - LIFETIME
    if db.session.scalar(select(models.Grant.id).where(old).limit(1)) is None:
        return
    with transaction() as session:
        session.execute(delete(models.Grant).where(old))


def _note(browser: str, collection_id: int, **opened: str | int) -> None:
    try:
        _write(browser, collection_id, opened)
    except IntegrityError:  # another request of the same browser inserted the row first
        _write(browser, collection_id, opened)


def _write(browser: str, collection_id: int, opened: Mapping[str, str | int]) -> None:
    with transaction() as session:
        grant = session.scalar(
            select(models.Grant).where(models.Grant.visitor == browser, models.Grant.collection_id == collection_id)
        ) or models.Grant(visitor=browser, collection_id=collection_id)
        for name, value in opened.items():
            setattr(grant, name, value)
        grant.created_at = utc_now()
        session.add(grant)
