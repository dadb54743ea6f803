"""Grants: collections opened by a browser, stored under the random id in its session; a cookie is too small for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import BindParameter, ColumnElement, and_, delete, or_, select
from sqlalchemy.exc import IntegrityError

from app import models
from app.models import Collection, Privacy, ShareLink, db, utc_now
from app.services.access.rules import NO_GRANT, Gated, Grant, Link, Visitor, manages, seal
from app.services.transactions import transaction

LIFETIME = timedelta(days=90)


class StoredGrant(NamedTuple):
    """The columns of a browser's grant, and of its share link; `link_id` is None without a valid link."""

    seal: str | None
    link_id: int | None
    link_downloads: bool | None
    link_ends_at: datetime | None


COLUMNS = (models.Grant.seal, ShareLink.id, ShareLink.downloads_allowed, ShareLink.expires_at)  # of a StoredGrant


def with_grant(visitor: Visitor, collection: Collection) -> Visitor:
    """Return a copy of the visitor that includes its current grant for the collection."""
    return replace(visitor, grants={**visitor.grants, collection.uuid: of(visitor, collection)})


def of(visitor: Visitor, collection: Collection) -> Grant:
    """Return the visitor's grant for the collection, by its password or by a valid share link.

    Executes one statement, or none if the visitor needs no grant or its session opens the collection.
    """
    return decide(visitor, collection, lambda: _stored(visitor.browser, collection.id))


def decide(visitor: Visitor, collection: Gated, read: Callable[[], StoredGrant | None]) -> Grant:
    """Return the grant as `of` does; `read` returns what is stored for the visitor's browser, and is called last."""
    if collection.privacy == Privacy.PUBLIC or manages(visitor, collection):
        return NO_GRANT
    if collection.privacy == Privacy.PASSWORD and _is_opened_by(visitor.seals.get(collection.uuid), collection):
        return Grant(opened=True)
    stored = read() if visitor.browser else None
    if stored is None:
        return NO_GRANT
    opened = collection.uuid not in visitor.seals and _is_opened_by(stored.seal, collection)
    return Grant(opened, _link_of(stored))


def _link_of(stored: StoredGrant) -> Link | None:
    return None if stored.link_id is None else Link(bool(stored.link_downloads), stored.link_ends_at)


def _is_opened_by(stored: str | bool | None, collection: Gated) -> bool:
    return stored is True or stored == seal(collection)


def is_valid_link(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Return the condition for a share link to belong to a grant and to be neither revoked nor expired at `now`."""
    return and_(
        ShareLink.id == models.Grant.share_link_id,
        ShareLink.collection_id == models.Grant.collection_id,
        ShareLink.revoked_at.is_(None),
        or_(ShareLink.expires_at.is_(None), ShareLink.expires_at > now),
    )


def _stored(browser: str, collection_id: int) -> StoredGrant | None:
    query = select(*COLUMNS).outerjoin_from(models.Grant, ShareLink, is_valid_link(utc_now()))
    wanted = query.where(models.Grant.visitor == browser, models.Grant.collection_id == collection_id)
    row = db.session.execute(wanted).one_or_none()
    return StoredGrant(*row) if row is not None else None


def store_seal(browser: str, collection_id: int, seal: str) -> None:
    """Store the seal of the password that the browser entered."""
    _store(browser, collection_id, seal=seal)


def store_link(browser: str, collection_id: int, share_link_id: int) -> None:
    """Store the share link that the browser opened, replacing an earlier link to the same collection."""
    _store(browser, collection_id, share_link_id=share_link_id)


def delete_old() -> None:
    """Delete the grants older than LIFETIME."""
    old = models.Grant.created_at < utc_now() - LIFETIME
    if db.session.scalar(select(models.Grant.id).where(old).limit(1)) is None:
        return
    with transaction() as session:
        session.execute(delete(models.Grant).where(old))


def _store(browser: str, collection_id: int, **opened: str | int) -> None:
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
