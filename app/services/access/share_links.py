"""Share links: ways into one collection with rights and an expiry of their own, counted, and revocable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from app.errors import Invalid, LinkEnded, NotFound
from app.models import Collection, ShareLink, db, utc_now
from app.services import lookup
from app.services.access import grants, rules
from app.services.accounts import tokens
from app.services.transactions import changed, transaction

LONGEST_LABEL = 120


def make(collection_id: int, *, label: str, downloads_allowed: bool, expires_at: datetime | None) -> tokens.Made:
    """A new link; raises Invalid."""
    if expires_at is not None and expires_at <= utc_now():
        raise Invalid("That day is over.", {"expires_at": "Choose a day to come, or none."})
    secret = tokens.new()
    with transaction() as session:
        lookup.require_live(session, collection_id)
        link = ShareLink(
            collection_id=collection_id,
            secret_sha256=tokens.digest(secret),
            label=label.strip()[:LONGEST_LABEL],
            downloads_allowed=downloads_allowed,
            expires_at=expires_at,
        )
        session.add(link)
        session.flush()
        return tokens.Made(link.uuid, secret)


def list_for(collection_id: int) -> Sequence[ShareLink]:
    """The links of a collection, newest first, revoked ones included."""
    query = select(ShareLink).where(ShareLink.collection_id == collection_id)
    return db.session.scalars(query.order_by(ShareLink.id.desc())).all()


def revoke(collection_id: int, uuid: str) -> None:
    """Close a link, also to those who came by it; raises NotFound."""
    link = update(ShareLink).where(ShareLink.collection_id == collection_id, ShareLink.uuid == uuid)
    with transaction() as session:
        if not changed(session, link.where(ShareLink.revoked_at.is_(None)).values(revoked_at=utc_now())):
            raise NotFound


@dataclass(frozen=True)
class Way:
    """A link and where it leads, both by id and uuid."""

    link_id: int
    link: str
    collection_id: int
    collection: str


def way(secret: str) -> Way:
    """Where a link leads, without letting anybody in; raises NotFound or LinkEnded."""
    query = select(ShareLink, Collection).join(Collection, Collection.id == ShareLink.collection_id)
    found = db.session.execute(
        query.where(ShareLink.secret_sha256 == tokens.digest(secret), lookup.is_live(Collection))
    ).one_or_none()
    if found is None:
        raise NotFound
    link, collection = found
    if link.is_over:
        raise LinkEnded(rules.contact_of(collection))
    return Way(link.id, link.uuid, collection.id, collection.uuid)


def open_among(collection_id: int, secrets: Sequence[str]) -> str | None:
    """The first of these secrets whose link leads into the collection and is not over; None if no one's is."""
    digests = {tokens.digest(secret): secret for secret in secrets}
    links = select(ShareLink).where(ShareLink.collection_id == collection_id, ShareLink.secret_sha256.in_(digests))
    found = {digests[link.secret_sha256] for link in db.session.scalars(links) if not link.is_over}
    return next((secret for secret in secrets if secret in found), None)


def visit(secret: str, visitor: str) -> Way:
    """Let a visitor in, and count the visit; raises NotFound or LinkEnded."""
    found = way(secret)
    grants.note_link(visitor, found.collection_id, found.link_id)
    _count(found.link_id)
    return found


def _count(link_id: int) -> None:
    counted = {"visits": ShareLink.visits + 1, "last_used_at": utc_now()}
    with transaction() as session:
        session.execute(update(ShareLink).where(ShareLink.id == link_id).values(counted))
