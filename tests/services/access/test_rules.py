"""The access rules as a table: every kind of visitor and collection."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.errors import (
    AppError,
    CollectionExpired,
    Forbidden,
    NotFound,
    PasswordRequired,
    ScopeMissing,
    SignInRequired,
)
from app.models import Collection, Privacy, Scope, utc_now
from app.services.access.rules import Action, Grant, Link, Visitor, address_opens, authorize, ends_at, require_scope

OWNER, OTHER, ADMIN = Visitor(user_id=1), Visitor(user_id=2), Visitor(user_id=3, is_admin=True)
ANONYMOUS = Visitor()
OPENED, OPENED_ANOTHER = (Visitor(grants={uuid: Grant(opened=True)}) for uuid in ("c", "d"))
LOOKS, DOWNLOADS = (Visitor(grants={"c": Grant(link=Link(downloads))}) for downloads in (False, True))
CAME_BY_ANOTHER = Visitor(grants={"d": Grant(link=Link(downloads_allowed=True))})
ONLY_A_SEAL = Visitor(seals={"c": True})  # which `grants.of` has not read
YESTERDAY = utc_now() - timedelta(days=1)

CASES: list[tuple[Visitor, str, datetime | None, bool, Action, type[AppError] | None]] = [
    (visitor, privacy, expiry, downloads, action, None)
    for visitor in (OWNER, ADMIN)
    for privacy in ("public", "password", "private")
    for expiry in (None, YESTERDAY)
    for downloads in (True, False)
    for action in Action
] + [
    (ANONYMOUS, "public", None, True, Action.BROWSE, None),
    (ANONYMOUS, "public", None, True, Action.DOWNLOAD, None),
    (ANONYMOUS, "public", None, False, Action.BROWSE, None),
    (ANONYMOUS, "public", None, False, Action.DOWNLOAD, Forbidden),
    (ANONYMOUS, "public", None, True, Action.MANAGE, SignInRequired),
    (OTHER, "public", None, True, Action.MANAGE, Forbidden),
    (ANONYMOUS, "public", YESTERDAY, True, Action.BROWSE, CollectionExpired),
    (OTHER, "public", YESTERDAY, True, Action.DOWNLOAD, CollectionExpired),
    (ANONYMOUS, "password", None, True, Action.BROWSE, PasswordRequired),
    (ANONYMOUS, "password", None, True, Action.DOWNLOAD, PasswordRequired),
    (OPENED_ANOTHER, "password", None, True, Action.BROWSE, PasswordRequired),
    (ONLY_A_SEAL, "password", None, True, Action.BROWSE, PasswordRequired),
    (OTHER, "password", None, True, Action.BROWSE, PasswordRequired),
    (OPENED, "password", None, True, Action.BROWSE, None),
    (OPENED, "password", None, True, Action.DOWNLOAD, None),
    (OPENED, "password", None, False, Action.DOWNLOAD, Forbidden),
    (OPENED, "password", None, True, Action.MANAGE, SignInRequired),
    (OPENED, "password", YESTERDAY, True, Action.BROWSE, CollectionExpired),
    (ANONYMOUS, "password", YESTERDAY, True, Action.BROWSE, CollectionExpired),
    (ANONYMOUS, "private", None, True, Action.BROWSE, NotFound),
    (OTHER, "private", None, True, Action.BROWSE, NotFound),
    (OTHER, "private", None, True, Action.MANAGE, NotFound),
    (OPENED, "private", None, True, Action.DOWNLOAD, NotFound),
    (ANONYMOUS, "private", YESTERDAY, True, Action.BROWSE, NotFound),
    (LOOKS, "private", None, True, Action.BROWSE, None),
    (LOOKS, "private", None, True, Action.DOWNLOAD, Forbidden),
    (LOOKS, "password", None, True, Action.DOWNLOAD, Forbidden),
    (LOOKS, "public", None, True, Action.DOWNLOAD, None),  # which anybody may
    (LOOKS, "private", None, True, Action.MANAGE, SignInRequired),
    (LOOKS, "private", YESTERDAY, True, Action.BROWSE, CollectionExpired),
    (DOWNLOADS, "private", None, True, Action.DOWNLOAD, None),
    (DOWNLOADS, "password", None, True, Action.BROWSE, None),
    (DOWNLOADS, "private", None, False, Action.DOWNLOAD, Forbidden),
    (DOWNLOADS, "password", YESTERDAY, True, Action.DOWNLOAD, CollectionExpired),
    (CAME_BY_ANOTHER, "private", None, True, Action.BROWSE, NotFound),
    (CAME_BY_ANOTHER, "password", None, True, Action.DOWNLOAD, PasswordRequired),
]


@pytest.mark.parametrize(("visitor", "privacy", "expiry", "downloads", "action", "refusal"), CASES)
def test_gate(
    visitor: Visitor,
    privacy: str,
    expiry: datetime | None,
    downloads: bool,
    action: Action,
    refusal: type[AppError] | None,
) -> None:
    collection = Collection(
        uuid="c", title="T", owner_id=1, privacy=Privacy(privacy), expires_at=expiry, downloads_allowed=downloads
    )
    if refusal is None:
        authorize(visitor, collection, action)
        return
    with pytest.raises(refusal):
        authorize(visitor, collection, action)


def test_collection_expires_at_its_very_moment() -> None:
    assert Collection(title="T", expires_at=utc_now()).is_expired
    assert not Collection(title="T", expires_at=datetime(9999, 1, 1, tzinfo=UTC)).is_expired


@pytest.mark.parametrize(
    ("visitor", "privacy", "expiry", "opens"),
    [
        (ANONYMOUS, "public", None, True),
        (ANONYMOUS, "public", YESTERDAY, False),
        (ANONYMOUS, "password", None, False),
        (OPENED, "password", None, True),
        (LOOKS, "password", None, False),
        (LOOKS, "private", None, False),
        (OWNER, "public", None, True),
        (OWNER, "password", None, True),
        (OWNER, "password", YESTERDAY, False),
        (OWNER, "private", None, False),
        (OTHER, "password", None, False),
    ],
)
def test_url_is_shareable_where_it_opens_without_a_link(
    visitor: Visitor, privacy: str, expiry: datetime | None, opens: bool
) -> None:
    collection = Collection(uuid="c", title="T", owner_id=1, privacy=Privacy(privacy), expires_at=expiry)
    assert address_opens(visitor, collection) is opens


@pytest.mark.parametrize("needed", list(Scope))
@pytest.mark.parametrize("scope", [None, *Scope])
def test_scope_includes_the_lower_ones_and_a_signed_in_user_needs_none(scope: Scope | None, needed: Scope) -> None:
    visitor = Visitor(user_id=1, scope=scope)
    if scope is None or list(Scope).index(scope) >= list(Scope).index(needed):
        require_scope(visitor, needed)
        return
    with pytest.raises(ScopeMissing):
        require_scope(visitor, needed)


@pytest.mark.parametrize(
    ("visitor", "privacy", "ends"),
    [
        (Visitor(grants={"c": Grant(link=Link(downloads_allowed=True, ends_at=YESTERDAY))}), "private", YESTERDAY),
        (Visitor(grants={"c": Grant(link=Link(downloads_allowed=True, ends_at=YESTERDAY))}), "public", None),
        (Visitor(grants={"c": Grant(opened=True, link=Link(True, YESTERDAY))}), "password", None),
        (Visitor(user_id=1, grants={"c": Grant(link=Link(True, YESTERDAY))}), "private", None),
        (DOWNLOADS, "private", None),
        (ANONYMOUS, "private", None),
    ],
)
def test_access_ends_with_the_link_that_it_needs(visitor: Visitor, privacy: str, ends: datetime | None) -> None:
    collection = Collection(uuid="c", title="T", owner_id=1, privacy=Privacy(privacy))
    assert ends_at(visitor, collection) == ends


@pytest.mark.parametrize("action", list(Action))
def test_program_reaches_nothing_of_other_accounts(action: Action) -> None:
    collection = Collection(uuid="c", title="T", owner_id=1, privacy=Privacy.PUBLIC, downloads_allowed=True)
    with pytest.raises(NotFound):
        authorize(Visitor(user_id=2, scope=Scope.MANAGE), collection, action)


@pytest.mark.parametrize("action", list(Action))
def test_program_of_the_owner_needs_the_scope_of_the_action(action: Action) -> None:
    collection = Collection(uuid="c", title="T", owner_id=1, privacy=Privacy.PRIVATE)
    if action in (Action.BROWSE, Action.DOWNLOAD):
        authorize(Visitor(user_id=1, scope=Scope.READ), collection, action)
        return
    with pytest.raises(ScopeMissing):
        authorize(Visitor(user_id=1, scope=Scope.READ), collection, action)
