"""Share links: kept as they were made, revoked and counted each on its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app import Proofsheet
from app.errors import Invalid, LinkEnded, NotFound
from app.models import Collection, ShareLink, db, utc_now
from app.services import lookup
from app.services.access import share_links
from app.services.accounts import tokens
from tests.support.studio import Studio

LATER = datetime(2999, 1, 1, tzinfo=UTC)


@pytest.fixture
def collections(app: Proofsheet, studio: Studio) -> Iterator[list[Collection]]:
    """Two collections of one photographer, inside an app context."""
    owner_id = studio.photographer()
    uuids = [studio.collection(owner_id, title=title) for title in ("Wedding", "Portraits")]
    with app.app_context():
        yield [lookup.by_uuid(uuid) for uuid in uuids]


def made(collection: Collection, **details: Any) -> tokens.Made:
    return share_links.make(collection.id, **({"label": "", "downloads_allowed": True, "expires_at": None} | details))


def row(link: tokens.Made) -> ShareLink:
    db.session.rollback()
    return db.session.scalars(select(ShareLink).where(ShareLink.uuid == link.uuid)).one()


def delete(collection: Collection) -> None:
    now = utc_now()
    changed = update(Collection).where(Collection.id == collection.id)
    db.session.execute(changed.values(deleted_at=now, purge_after=now + timedelta(days=30)))
    db.session.commit()


@pytest.mark.parametrize("expires_at", [None, LATER])
@pytest.mark.parametrize("downloads", [True, False])
def test_link_is_kept_as_it_was_made(
    collections: list[Collection], expires_at: datetime | None, *, downloads: bool
) -> None:
    link = row(made(collections[0], label=f" {'x' * 121} ", downloads_allowed=downloads, expires_at=expires_at))
    kept = (link.collection_id, link.label, link.downloads_allowed, link.expires_at)
    assert kept == (collections[0].id, "x" * 120, downloads, expires_at)


def test_link_that_would_be_over_is_refused_at_its_field(collections: list[Collection]) -> None:
    with pytest.raises(Invalid) as refused:
        made(collections[0], expires_at=utc_now() - timedelta(seconds=1))
    assert list(refused.value.fields) == ["expires_at"]


def test_deleted_collection_has_no_way_in_by_links(collections: list[Collection]) -> None:
    secret = made(collections[0]).secret
    delete(collections[0])
    with pytest.raises(NotFound):
        made(collections[0])
    with pytest.raises(NotFound):
        share_links.resolve(secret)


def test_links_of_one_collection_are_listed_newest_first(collections: list[Collection]) -> None:
    here, there = collections
    links = [made(collection).uuid for collection in (here, there, here)]
    assert [link.uuid for link in share_links.list_for(here.id)] == [links[2], links[0]]


def test_link_is_revoked_once_by_its_collection_and_no_other_with_it(collections: list[Collection]) -> None:
    here, there = collections
    link, *others = (made(collection) for collection in (here, here, there))
    with pytest.raises(NotFound):
        share_links.revoke(there.id, link.uuid)
    assert row(link).revoked_at is None
    share_links.revoke(here.id, link.uuid)
    revoked_at = row(link).revoked_at
    with pytest.raises(NotFound):
        share_links.revoke(here.id, link.uuid)
    assert revoked_at
    assert row(link).revoked_at == revoked_at
    assert [row(other).revoked_at for other in others] == [None, None]


def test_link_leads_to_its_collection_until_it_ends(collections: list[Collection]) -> None:
    here, there = collections
    links = {collection.id: made(collection) for collection in (here, there)}
    target = share_links.resolve(links[there.id].secret)
    assert (target.link, target.collection_id, target.collection) == (links[there.id].uuid, there.id, there.uuid)
    assert target.link_id == row(links[there.id]).id
    share_links.revoke(there.id, links[there.id].uuid)
    with pytest.raises(LinkEnded):
        share_links.resolve(links[there.id].secret)


def test_first_of_several_links_that_works_is_chosen(collections: list[Collection]) -> None:
    here, there = collections
    revoked, later, sooner, elsewhere = (made(collection) for collection in (here, here, here, there))
    share_links.revoke(here.id, revoked.uuid)
    secrets = ["made up", elsewhere.secret, revoked.secret, sooner.secret, later.secret]
    assert share_links.first_valid(here.id, secrets) == sooner.secret
    assert share_links.first_valid(here.id, secrets[:3]) is None


def test_visit_counts_for_its_link_alone(collections: list[Collection]) -> None:
    visited, other = (made(collections[0]) for _ in range(2))
    before = utc_now()
    for browser in ("one", "two"):
        share_links.visit(visited.secret, browser)
    assert [row(link).visits for link in (visited, other)] == [2, 0]
    used_at = row(visited).last_used_at
    assert used_at
    assert used_at >= before
    assert row(other).last_used_at is None
