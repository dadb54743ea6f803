"""Share links: revocable URLs that open one collection, each with its rights, expiry and visit count."""

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

MAX_LABEL = 120


def make(collection_id: int, *, label: str, downloads_allowed: bool, expires_at: datetime | None) -> tokens.Made:
    """Create a link and return its uuid and secret; raises NotFound, or Invalid for an expiry in the past."""
    if expires_at is not None and expires_at <= utc_now():
        raise Invalid("This date is in the past.", {"expires_at": "Choose a later date, or leave it empty."})
    secret = tokens.new()
    with transaction() as session:
        lookup.require_live(session, collection_id)
        link = ShareLink(
            collection_id=collection_id,
            secret_sha256=tokens.digest(secret),
            label=label.strip()[:MAX_LABEL],
            downloads_allowed=downloads_allowed,
            expires_at=expires_at,
        )
        session.add(link)
        session.flush()
        return tokens.Made(link.uuid, secret)


def list_for(collection_id: int) -> Sequence[ShareLink]:
    """Return the links of a collection, newest first, including revoked ones."""
    query = select(ShareLink).where(ShareLink.collection_id == collection_id)
    return db.session.scalars(query.order_by(ShareLink.id.desc())).all()


def revoke(collection_id: int, uuid: str) -> None:
    """Revoke a link, which also ends the access of visitors who opened it; raises NotFound."""
    link = update(ShareLink).where(ShareLink.collection_id == collection_id, ShareLink.uuid == uuid)
    with transaction() as session:
        if not changed(session, link.where(ShareLink.revoked_at.is_(None)).values(revoked_at=utc_now())):
            raise NotFound


@dataclass(frozen=True)
class LinkTarget:
    """A share link and its collection, each by id and uuid."""

    link_id: int
    link: str
    collection_id: int
    collection: str


def resolve(secret: str) -> LinkTarget:
    """Return the target of a link without granting access; raises NotFound or LinkEnded."""
    query = select(ShareLink, Collection).join(Collection, Collection.id == ShareLink.collection_id)
    found = db.session.execute(
        query.where(ShareLink.secret_sha256 == tokens.digest(secret), lookup.is_live(Collection))
    ).one_or_none()
    if found is None:
        raise NotFound
    link, collection = found
    if link.is_over:
        raise LinkEnded(rules.contact_of(collection))
    return LinkTarget(link.id, link.uuid, collection.id, collection.uuid)


def first_valid(collection_id: int, secrets: Sequence[str]) -> str | None:
    """Return the first of these secrets with a valid link to the collection, or None."""
    digests = {tokens.digest(secret): secret for secret in secrets}
    links = select(ShareLink).where(ShareLink.collection_id == collection_id, ShareLink.secret_sha256.in_(digests))
    found = {digests[link.secret_sha256] for link in db.session.scalars(links) if not link.is_over}
    return next((secret for secret in secrets if secret in found), None)


def visit(secret: str, browser: str) -> LinkTarget:
    """Grant a browser access by a link and count the visit; raises NotFound or LinkEnded."""
    target = resolve(secret)
    grants.store_link(browser, target.collection_id, target.link_id)
    _count(target.link_id)
    return target


def _count(link_id: int) -> None:
    counted = {"visits": ShareLink.visits + 1, "last_used_at": utc_now()}
    with transaction() as session:
        session.execute(update(ShareLink).where(ShareLink.id == link_id).values(counted))
