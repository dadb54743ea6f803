"""The visitor of a request: read once, and again after the request has changed it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import g, session

from app import Proofsheet
from app.models import Collection, Privacy
from app.services import lookup
from app.services.access import grants, rules, share_links
from app.services.access.rules import Action
from app.services.accounts import accounts
from app.views import gate, visitors
from tests.support.studio import Studio


@pytest.fixture
def collection(app: Proofsheet, studio: Studio) -> Iterator[Collection]:
    """A password collection, in the request of an anonymous visitor."""
    uuid = studio.collection(studio.photographer(), Privacy.PASSWORD)
    with app.test_request_context():
        yield lookup.by_uuid(uuid)


def owner_signs_in(collection: Collection) -> None:
    visitors.sign_in(accounts.by_id(collection.owner_id or 0))


def link_is_followed(collection: Collection) -> None:
    made = share_links.make(collection.id, label="", downloads_allowed=True, expires_at=None)
    visitors.open_share_link(made.secret)


@pytest.mark.parametrize("change", [visitors.grant, link_is_followed, owner_signs_in])
def test_new_grant_counts_within_the_same_request(collection: Collection, change: Callable[[Collection], None]) -> None:
    assert not rules.allowed(visitors.visitor_of(collection), collection, Action.BROWSE)
    change(collection)
    assert rules.allowed(visitors.visitor_of(collection), collection, Action.BROWSE)


def test_visitor_is_anonymous_after_signing_out(collection: Collection) -> None:
    visitors.grant(collection)
    owner_signs_in(collection)
    assert visitors.visitor_of(collection).user_id == collection.owner_id
    visitors.sign_out()
    assert visitors.visitor_of(collection) == rules.Visitor(grants={collection.uuid: rules.NO_GRANT})


def test_grant_is_looked_up_once_a_request(collection: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    visitors.grant(collection)
    looked_up: list[str] = []
    of = grants.of

    def counted(visitor: rules.Visitor, subject: Collection) -> Any:
        looked_up.append(subject.uuid)
        return of(visitor, subject)

    monkeypatch.setattr(grants, "of", counted)
    for _ in range(2):
        gate.admit(collection, Action.BROWSE)
        assert visitors.current_visitor().grants == {collection.uuid: rules.Grant(opened=True)}
    assert looked_up == [collection.uuid]


def test_visitor_carries_the_seals_and_the_browser_of_its_session(collection: Collection) -> None:
    session.update({f"collection_access_{collection.uuid}": True, "visitor": "3f2b", "other": True})
    visitor = visitors.current_visitor()
    assert visitor == rules.Visitor(browser="3f2b", seals={collection.uuid: True})
    assert g.visitor is visitor
