"""What a browser has opened, kept by the random id in its session: a cookie would overflow with a hundred of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Row, delete, or_, select
from sqlalchemy.exc import IntegrityError

from app.models import Collection, Grant, ShareLink, db, utc_now
from app.services.transactions import transaction

LIFETIME = timedelta(days=90)


def note_seal(visitor: str, collection_id: int, seal: str) -> None:
    """Remember that this visitor gave the password of which this is the seal."""
    _note(visitor, collection_id, seal=seal)


def note_link(visitor: str, collection_id: int, share_link_id: int) -> None:
    """Remember that this visitor came by a share link; of several for one collection the last counts."""
    _note(visitor, collection_id, share_link_id=share_link_id)


def forget_old() -> None:
    """Forget what was opened longer than LIFETIME ago."""
    old = Grant.created_at < utc_now() - LIFETIME
    if db.session.scalar(select(Grant.id).where(old).limit(1)) is None:
        return
    with transaction() as session:
        session.execute(delete(Grant).where(old))


def _note(visitor: str, collection_id: int, **opened: str | int) -> None:
    try:
        _write(visitor, collection_id, opened)
    except IntegrityError:  # another request of the same browser was first, so now there is a row to change
        _write(visitor, collection_id, opened)


def _write(visitor: str, collection_id: int, opened: Mapping[str, str | int]) -> None:
    with transaction() as session:
        grant = session.scalar(
            select(Grant).where(Grant.visitor == visitor, Grant.collection_id == collection_id)
        ) or Grant(visitor=visitor, collection_id=collection_id)
        for name, value in opened.items():
            setattr(grant, name, value)
        grant.created_at = utc_now()
        session.add(grant)


class Opened(Mapping[str, str | bool]):
    """The seals of the collections that a visitor has opened, by uuid: those of the session, then those kept here."""

    def __init__(self, visitor: str | None, session: Mapping[str, str | bool]) -> None:
        self._visitor, self._session = visitor, session

    def __getitem__(self, uuid: str) -> str | bool:
        if uuid in self._session:
            return self._session[uuid]
        query = select(Grant.seal).join(Collection, Collection.id == Grant.collection_id)
        seal = (
            db.session.scalar(query.where(Grant.visitor == self._visitor, Collection.uuid == uuid))
            if self._visitor
            else None
        )
        if seal is None:
            raise KeyError(uuid)
        return str(seal)

    def __iter__(self) -> Iterator[str]:
        return iter(self._session)

    def __len__(self) -> int:
        return len(self._session)


class Links(Mapping[str, bool]):
    """Whether the share link by which a visitor came allows downloads, by the uuid of its collection.

    Asked anew each time, so that a link that was revoked or ran out closes open visits at their next request.
    """

    def __init__(self, visitor: str | None) -> None:
        self._visitor = visitor

    def __getitem__(self, uuid: str) -> bool:
        return bool(_open_link(self._visitor, uuid).downloads_allowed)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class LinkEnds(Mapping[str, datetime]):
    """When the share link ends by which a visitor came, by the uuid of its collection; those without an end are not."""

    def __init__(self, visitor: str | None) -> None:
        self._visitor = visitor

    def __getitem__(self, uuid: str) -> datetime:
        ends_at: datetime | None = _open_link(self._visitor, uuid).expires_at
        if ends_at is None:
            raise KeyError(uuid)
        return ends_at

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _open_link(visitor: str | None, uuid: str) -> Row[bool, datetime | None]:
    """What the link says by which a visitor came into a collection; raises KeyError if none is open."""
    query = (
        select(ShareLink.downloads_allowed, ShareLink.expires_at)
        .join(Grant, Grant.share_link_id == ShareLink.id)
        .join(Collection, Collection.id == ShareLink.collection_id)
        .where(Grant.visitor == visitor, Grant.collection_id == Collection.id, Collection.uuid == uuid)
        .where(ShareLink.revoked_at.is_(None), or_(ShareLink.expires_at.is_(None), ShareLink.expires_at > utc_now()))
    )
    found = db.session.execute(query).one_or_none() if visitor else None
    if found is None:
        raise KeyError(uuid)
    return found
