"""Grants are bound to a collection and its current password or a valid link."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from app.models import Collection, Grant, Privacy, Role, ShareLink, User, db
from app.services import lookup
from app.services.access import rules, share_links
from app.services.accounts import accounts
from app.services.collections import editing
from app.services.collections.editing import CollectionDetails
from app.services.trash.deletion import DeletionService
from tests.security.house import Furnished, Place, Snapshot, built
from tests.support.house import ADMIN, session_of
from tests.support.studio import JSON, PASSWORD, Studio, past

OPENED = "with the password of now"  # as house.py leaves it


pytestmark = pytest.mark.usefixtures("put_back")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    with built(tmp_path_factory.mktemp("grants")) as house:
        yield house


def ways_into(place: Place) -> dict[str, str]:
    """The addresses of a collection that somebody may have open, or kept for later."""
    files = {name: f"/collections/files/{place.file_uuid}/{name}" for name in ("original", "preview", "info", "tile")}
    pages = {name: f"/collections/{place.collection_uuid}/{name}" for name in ("status", "layout", "tiles")}
    return files | pages | {"page": f"/collections/{place.collection_uuid}"}


def statuses(client: FlaskClient, place: Place) -> set[int]:
    return {client.head(path, headers=JSON).status_code for path in ways_into(place).values()}


def visitor_of(house: Furnished, name: str) -> FlaskClient:
    """A browser with the session of a visitor."""
    client = house.app.test_client()
    if cookie := house.visitors[name].get("Cookie"):
        client.set_cookie("session", cookie.removeprefix("session="))
    return client


# --- what shuts an open visit -----------------------------------------------------------------


def edit(**columns: Any) -> Callable[[Place], None]:
    def change(place: Place) -> None:
        where = Collection.uuid == place.collection_uuid
        db.session.execute(update(Collection).where(where).values(columns))
        db.session.commit()

    return change


def new_password(place: Place) -> None:
    collection = lookup.by_uuid(place.collection_uuid)
    details = CollectionDetails("Wedding", privacy=Privacy.PASSWORD, password=OPENED)  # the same words, given anew
    editing.update(collection.id, details)


def revoke(place: Place) -> None:
    collection_id = lookup.by_uuid(place.collection_uuid).id
    for link in share_links.list_for(collection_id):
        if link.revoked_at is None:
            share_links.revoke(collection_id, link.uuid)


def end(place: Place) -> None:
    db.session.execute(update(ShareLink).values(expires_at=datetime.now(UTC)))
    db.session.commit()


def delete(place: Place) -> None:
    DeletionService().delete_collection(lookup.by_uuid(place.collection_uuid).id, None)


SHUTS: list[tuple[str, str, str, Callable[[Place], None], int]] = [
    ("another password", "right password", "password", new_password, 401),
    ("made private", "right password", "password", edit(privacy=Privacy.PRIVATE), 404),
    ("over", "right password", "password", edit(expires_at=past()), 410),
    ("deleted", "right password", "password", delete, 404),
    ("public made private", "anonymous", "public", edit(privacy=Privacy.PRIVATE), 404),
    ("public over", "anonymous", "public", edit(expires_at=past()), 410),
    ("public gets a password", "anonymous", "public", new_password, 401),
    ("link revoked", "download link", "private", revoke, 404),
    ("link over", "download link", "private", end, 404),
    ("link of a password collection revoked", "download link", "password", revoke, 401),
    ("link outlives the collection", "download link", "private", edit(expires_at=past()), 410),
    ("link of a deleted collection", "download link", "private", delete, 404),
]


@pytest.mark.parametrize(("visitor", "kind", "shut", "status"), [case[1:] for case in SHUTS], ids=[c[0] for c in SHUTS])
def test_open_visit_ends_at_the_next_request(
    house: Furnished, visitor: str, kind: str, shut: Callable[[Place], None], status: int
) -> None:
    place, client = house.place(visitor, kind), visitor_of(house, visitor)
    assert statuses(client, place) == {200}
    with house.app.app_context():
        shut(place)
    assert statuses(client, place) == {status}


def test_administrator_without_the_role_is_refused_at_the_next_request(house: Furnished) -> None:
    place, client = house.place("admin", "private"), visitor_of(house, "admin")
    assert statuses(client, place) == {200}
    with house.app.app_context():
        db.session.execute(update(User).where(User.email == ADMIN).values(role=Role.PHOTOGRAPHER))
        db.session.commit()
    assert statuses(client, place) == {404}


def test_next_answer_follows_changed_rights(house: Furnished) -> None:
    place = house.place("anonymous", "public")
    client, path = visitor_of(house, "anonymous"), f"/collections/{place.collection_uuid}/status?since=0:1-999"
    assert all(file["full"] and file["size"] for file in client.get(path).json["files"])
    with house.app.app_context():
        edit(downloads_allowed=False)(place)
    later = {(file["full"], file["size"]) for file in client.get(path).json["files"]}
    assert later == {(None, None)}


# --- what does not open ---------------------------------------------------------------------


def test_password_of_one_collection_opens_no_other(house: Furnished, studio_of: Studio) -> None:
    other = studio_of.collection(house.owner_id, Privacy.PASSWORD)
    photo = studio_of.photo(other, "other.txt", b"other")
    client = visitor_of(house, "right password")
    paths = (f"/collections/{other}", f"/collections/files/{photo}/original")
    assert [client.get(path, headers=JSON).status_code for path in paths] == [401, 401]
    assert client.post(f"/collections/{other}/password", data={"password": PASSWORD}).status_code == 302
    assert [client.get(path, headers=JSON).status_code for path in paths] == [200, 200]


@pytest.fixture
def studio_of(house: Furnished) -> Studio:
    return house.studio


@pytest.mark.parametrize("kept", ["", "0" * 16, "True", "true", 1, "1", [True], {"a": 1}, None, False])
def test_malformed_seal_in_a_session_opens_nothing(house: Furnished, kept: Any) -> None:
    place, client = house.place("anonymous", "password"), house.app.test_client()
    with client.session_transaction() as session:
        session[f"collection_access_{place.collection_uuid}"] = kept
    assert statuses(client, place) == {401}


@pytest.mark.parametrize("visitor", ["", "x", "%", "' OR 1=1 --", None, 7, True])
def test_invented_visitor_id_has_opened_nothing(house: Furnished, visitor: Any) -> None:
    client = house.app.test_client()
    with client.session_transaction() as session:
        session["visitor"] = visitor
    assert statuses(client, house.place("anonymous", "password")) == {401}
    assert statuses(client, house.place("anonymous", "private")) == {404}


def test_grants_are_of_one_browser(house: Furnished) -> None:
    client, place = visitor_of(house, "download link"), house.place("link", "private")
    with client.session_transaction() as session:
        visitor = session["visitor"]
    with house.app.app_context():
        assert db.session.query(Grant).filter_by(visitor=visitor).count() == len(house.places)
    assert statuses(house.app.test_client(), place) == {404}


def test_last_of_two_links_counts_alone(house: Furnished) -> None:
    place, client = house.place("link", "private"), house.app.test_client()
    original = ways_into(place)["original"]
    for name, status in (("link", 403), ("download link", 200), ("link", 403)):
        client.get(f"/s/{place.links[name]}")
        assert client.get(original).status_code == status


def test_seal_does_not_reveal_the_password() -> None:
    one, two = (Collection(password_hash=accounts.generate_password_hash("same")) for _ in range(2))
    assert rules.seal(one) != rules.seal(two)


# --- counting visits --------------------------------------------------------------------------

AHEAD = [
    {"Sec-Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"Sec-Purpose": "prefetch;anonymous-client-ip"},
    {"Purpose": "prefetch"},
    {"X-Purpose": "preview"},
    {"X-Moz": "prefetch"},
]


@pytest.mark.parametrize(("method", "headers"), [("HEAD", {}), *(("GET", headers) for headers in AHEAD)])
def test_only_a_click_is_a_visit(house: Furnished, snapshot: Snapshot, method: str, headers: dict[str, str]) -> None:
    place, client = house.place("anonymous", "private"), house.app.test_client()
    answer = client.open(f"/s/{place.links['link']}", method=method, headers=headers)
    assert answer.status_code == (303 if method == "HEAD" else 503)
    with client.session_transaction() as session:
        assert "visitor" not in session
    assert not snapshot.is_changed()
    assert statuses(client, place) == {404}
    assert client.get(f"/s/{place.links['link']}").status_code == 303
    assert snapshot.is_changed()
    assert session_of(client)


def test_ended_link_is_refused_for_head_too(house: Furnished) -> None:
    place = house.place("anonymous", "private")
    answers = [house.app.test_client().head(f"/s/{place.links[name]}") for name in ("revoked link", "ended link")]
    assert [answer.status_code for answer in answers] == [410, 410]
    assert house.app.test_client().head("/s/x").status_code == 404


def test_link_never_allows_more_than_its_collection(house: Furnished) -> None:
    place, client = house.place("download link", "private"), visitor_of(house, "download link")
    with house.app.app_context():
        edit(downloads_allowed=False)(place)
    assert client.get(ways_into(place)["original"]).status_code == 403


@pytest.mark.parametrize("hours", [-1, 0])
def test_link_that_would_already_have_ended_is_not_created(house: Furnished, hours: int) -> None:
    details = replace(CollectionDetails("T"), title="T")
    with house.app.app_context():
        uuid = editing.create(house.owner_id, details)
    ends = (datetime.now(UTC) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M")
    form = {"label": "x", "expires_at": ends}
    assert visitor_of(house, "owner").post(f"/collections/{uuid}/links", data=form, headers=JSON).status_code == 422
