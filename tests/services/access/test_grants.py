"""What a visitor has opened of a collection: by the session, by a stored seal, or by a share link that still works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import Proofsheet, models
from app.errors import Invalid
from app.models import Collection, Privacy, ShareLink, db, utc_now
from app.services import lookup
from app.services.access import grants, share_links
from app.services.access.rules import NO_GRANT, Grant, Link, Visitor, seal
from app.services.collections import editing
from app.services.collections.editing import CollectionDetails
from tests.support.statements import statements
from tests.support.studio import PASSWORD, Studio

BROWSER = "3f2b"
SOON = datetime(2999, 1, 1, tzinfo=UTC)
VISITOR = Visitor(browser=BROWSER)


@pytest.fixture(params=[Privacy.PASSWORD, Privacy.PRIVATE])
def collection(request: pytest.FixtureRequest, app: Proofsheet, studio: Studio) -> Iterator[Collection]:
    uuid = studio.collection(studio.photographer(), request.param)
    with app.app_context():
        yield lookup.by_uuid(uuid)


@pytest.fixture
def locked(app: Proofsheet, studio: Studio) -> Iterator[Collection]:
    """A password collection."""
    uuid = studio.collection(studio.photographer(), Privacy.PASSWORD)
    with app.app_context():
        yield lookup.by_uuid(uuid)


def come_by_link(
    collection: Collection, browser: str = BROWSER, *, downloads: bool = True, ends_at: datetime | None = None
) -> None:
    made = share_links.make(collection.id, label="", downloads_allowed=downloads, expires_at=ends_at)
    share_links.visit(made.secret, browser)


def change_links(**columns: Any) -> None:
    db.session.execute(db.update(ShareLink).values(**columns))
    db.session.commit()


@pytest.mark.parametrize("ends_at", [None, SOON])
@pytest.mark.parametrize("downloads", [True, False])
def test_share_link_grants_the_rights_it_names(
    collection: Collection, *, downloads: bool, ends_at: datetime | None
) -> None:
    come_by_link(collection, downloads=downloads, ends_at=ends_at)
    assert grants.of(VISITOR, collection) == Grant(link=Link(downloads, ends_at))


@pytest.mark.parametrize(
    "end",
    [
        lambda: change_links(revoked_at=datetime.now(UTC)),
        lambda: change_links(expires_at=datetime.now(UTC) - timedelta(seconds=1)),
    ],
    ids=["revoked", "over"],
)
def test_ended_share_link_grants_nothing_and_keeps_the_password_grant(
    locked: Collection, end: Callable[[], None]
) -> None:
    come_by_link(locked)
    end()
    assert grants.of(VISITOR, locked) == NO_GRANT
    grants.store_seal(BROWSER, locked.id, seal(locked))
    assert grants.of(VISITOR, locked) == Grant(opened=True)


def test_later_share_link_replaces_the_earlier_one(collection: Collection) -> None:
    for downloads in (True, False):
        come_by_link(collection, downloads=downloads)
    assert grants.of(VISITOR, collection) == Grant(link=Link(downloads_allowed=False))


def test_grants_belong_to_one_browser_and_one_collection(collection: Collection) -> None:
    details = CollectionDetails("Other", privacy=collection.privacy, password=PASSWORD)
    other = lookup.by_uuid(editing.create(collection.owner_id or 0, details))
    come_by_link(collection)
    assert grants.of(Visitor(browser="another"), collection) == NO_GRANT
    assert grants.of(Visitor(), collection) == NO_GRANT
    assert grants.of(VISITOR, other) == NO_GRANT


def old_seal(_collection: Collection) -> str:
    return seal(Collection(password_hash="of the password before"))


# in the session, stored: opened
SEALS: list[tuple[Any, Any, bool]] = [
    (None, seal, True),
    (None, old_seal, False),
    (seal, None, True),
    (old_seal, None, False),
    (True, None, True),
    (True, old_seal, True),
    (False, seal, False),
    (1, seal, False),
    ("True", None, False),
    (old_seal, seal, False),  # the session counts before what is stored
    (seal, old_seal, True),
]


@pytest.mark.parametrize(("in_session", "stored", "opened"), SEALS)
def test_password_collection_opens_to_its_present_seal_or_to_true(
    locked: Collection, in_session: Any, stored: Any, *, opened: bool
) -> None:
    kept, noted = (each(locked) if callable(each) else each for each in (in_session, stored))
    if noted is not None:
        grants.store_seal(BROWSER, locked.id, noted)
    visitor = replace(VISITOR, seals={} if kept is None else {locked.uuid: kept})
    assert grants.of(visitor, locked) == Grant(opened=opened)


def test_seal_and_share_link_take_one_statement(locked: Collection) -> None:
    come_by_link(locked)
    grants.store_seal(BROWSER, locked.id, seal(locked))
    _ = locked.uuid, locked.owner_id  # loaded again after the commits
    with statements() as seen:
        assert grants.of(VISITOR, locked) == Grant(opened=True, link=Link(downloads_allowed=True))
    assert len(seen) == 1


@pytest.mark.parametrize("name", ["anonymous", "owner", "administrator", "with the seal", "with True"])
def test_visitor_that_needs_no_stored_grant_takes_no_statement(locked: Collection, name: str) -> None:
    visitor = {
        "anonymous": Visitor(),
        "owner": replace(VISITOR, user_id=locked.owner_id),
        "administrator": replace(VISITOR, user_id=0, is_admin=True),
        "with the seal": replace(VISITOR, seals={locked.uuid: seal(locked)}),
        "with True": replace(VISITOR, seals={locked.uuid: True}),
    }[name]
    with statements() as seen:
        grants.of(visitor, locked)
    assert seen == []


def test_public_collection_takes_no_statement(app: Proofsheet, studio: Studio) -> None:
    uuid = studio.collection(studio.photographer())
    with app.app_context():
        collection = lookup.by_uuid(uuid)
        with statements() as seen:
            assert grants.of(VISITOR, collection) == NO_GRANT
    assert seen == []


def test_visitor_takes_its_present_grant_and_keeps_the_others(collection: Collection) -> None:
    before = replace(VISITOR, grants={collection.uuid: Grant(opened=True), "other": NO_GRANT})
    after = grants.with_grant(before, collection)
    assert after.grants == {collection.uuid: NO_GRANT, "other": NO_GRANT}
    assert before.grants[collection.uuid] == Grant(opened=True)


def test_grant_is_a_frozen_value() -> None:
    grant = Grant(opened=False)
    with pytest.raises(FrozenInstanceError):
        grant.opened = True  # type: ignore[misc]


@pytest.mark.parametrize(("seconds", "granted"), [(-1, False), (0, False), (1, True)])
def test_share_link_grants_until_its_very_end(
    collection: Collection, monkeypatch: pytest.MonkeyPatch, seconds: int, *, granted: bool
) -> None:
    come_by_link(collection, ends_at=SOON)
    monkeypatch.setattr(grants, "utc_now", lambda: SOON - timedelta(seconds=seconds))
    assert (grants.of(VISITOR, collection) != NO_GRANT) is granted


def test_seals_of_two_collections_and_two_browsers_are_kept_apart(locked: Collection) -> None:
    details = CollectionDetails("Other", privacy=Privacy.PASSWORD, password="of the other")
    other = lookup.by_uuid(editing.create(locked.owner_id or 0, details))
    for browser, collection in ((BROWSER, locked), (BROWSER, other), ("another", locked)):
        grants.store_seal(browser, collection.id, f"{browser} at {collection.id}")
    stored = select(models.Grant.visitor, models.Grant.collection_id, models.Grant.seal)
    assert {tuple(row) for row in db.session.execute(stored)} == {
        (BROWSER, locked.id, f"{BROWSER} at {locked.id}"),
        (BROWSER, other.id, f"{BROWSER} at {other.id}"),
        ("another", locked.id, f"another at {locked.id}"),
    }


def test_grant_that_another_request_inserted_first_is_completed(
    locked: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = grants._write

    def overtaken(*arguments: Any) -> None:
        monkeypatch.setattr(grants, "_write", write)
        come_by_link(locked)
        raise IntegrityError("INSERT", {}, Exception("UNIQUE constraint failed"))

    monkeypatch.setattr(grants, "_write", overtaken)
    grants.store_seal(BROWSER, locked.id, seal(locked))
    assert grants.of(VISITOR, locked) == Grant(opened=True, link=Link(downloads_allowed=True))


def age(browser: str, created_at: datetime) -> None:
    changed = db.update(models.Grant).where(models.Grant.visitor == browser)
    db.session.execute(changed.values(created_at=created_at))
    db.session.commit()


def test_grant_that_is_used_again_is_as_good_as_new(locked: Collection) -> None:
    grants.store_seal(BROWSER, locked.id, seal(locked))
    age(BROWSER, utc_now() - timedelta(days=91))
    grants.store_seal(BROWSER, locked.id, seal(locked))
    grants.delete_old()
    assert grants.of(VISITOR, locked) == Grant(opened=True)


def test_grants_are_deleted_after_ninety_days(locked: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    now = utc_now()
    monkeypatch.setattr(grants, "utc_now", lambda: now)
    for name, days in (("old", timedelta(days=90, seconds=1)), ("young", timedelta(days=90))):
        grants.store_seal(name, locked.id, seal(locked))
        age(name, now - days)
    grants.delete_old()
    assert list(db.session.scalars(db.select(models.Grant.visitor))) == ["young"]
    with statements() as seen:
        grants.delete_old()
    assert not any(statement.startswith("DELETE") for statement in seen)  # which would take the lock for writing


@pytest.mark.parametrize(("seconds", "accepted"), [(0, False), (1, True)])
def test_share_link_ends_in_the_future(
    locked: Collection, monkeypatch: pytest.MonkeyPatch, seconds: int, *, accepted: bool
) -> None:
    now = utc_now()
    monkeypatch.setattr(share_links, "utc_now", lambda: now)
    ends_at = now + timedelta(seconds=seconds)
    if not accepted:
        with pytest.raises(Invalid):
            share_links.make(locked.id, label="", downloads_allowed=True, expires_at=ends_at)
        return
    assert share_links.make(locked.id, label="", downloads_allowed=True, expires_at=ends_at).secret
