"""Share links: they open one collection with the rights they name, are counted, and close when they are revoked."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from app import Proofsheet
from app.models import Grant, Privacy, ShareLink, db
from app.services import lookup
from app.services.access import grants
from app.services.collections import editing
from app.services.collections.editing import CollectionDetails
from app.views.visitors import MAX_LINKS
from tests.support.studio import JSON, PASSWORD, Studio

EMAIL = "ada@example.com"
WAYS = ("original", "preview", "thumbnail", "variants/small")
TOMORROW = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def ada(studio: Studio) -> int:
    return studio.photographer(EMAIL)


def link(studio: Studio, collection: str, **form: str) -> str:
    """The path of a new link."""
    answer = studio.client(EMAIL).post(f"/collections/{collection}/links", data=form, headers=JSON)
    assert answer.status_code == 201, answer.text
    return str(answer.json["url"]).removeprefix("http://localhost")


def statuses(client: FlaskClient, photo: str) -> dict[str, int]:
    return {way: client.get(f"/collections/files/{photo}/{way}").status_code for way in WAYS}


@pytest.mark.parametrize("privacy", Privacy)
@pytest.mark.parametrize("downloads", [True, False])
def test_link_opens_its_collection_with_the_rights_it_names(
    studio: Studio, ada: int, privacy: Privacy, downloads: bool
) -> None:
    collection, other = studio.collection(ada, privacy), studio.collection(ada, Privacy.PRIVATE)
    photo, hidden = studio.photo(collection), studio.photo(other)
    visitor = studio.client()
    answer = visitor.get(link(studio, collection, downloads_allowed="y" if downloads else ""))
    assert (answer.status_code, answer.location) == (303, f"/collections/{collection}")
    assert visitor.get(answer.location).status_code == 200
    may_download = downloads or privacy == Privacy.PUBLIC  # which anybody may anyway
    assert statuses(visitor, photo) == dict.fromkeys(WAYS, 200) | {"original": 200 if may_download else 403}
    assert set(statuses(visitor, hidden).values()) == {404}
    for path in (f"/collections/{collection}/edit", f"/collections/{collection}/links"):
        assert visitor.get(path, headers=JSON).status_code == 401


@pytest.mark.parametrize(("privacy", "opens"), [("public", True), ("password", False), ("private", False)])
def test_page_marks_whether_its_url_opens_for_others(studio: Studio, ada: int, privacy: str, *, opens: bool) -> None:
    collection, visitor = studio.collection(ada, Privacy(privacy)), studio.client()
    page = visitor.get(link(studio, collection), follow_redirects=True).text
    assert ("data-address-opens" in page) is opens


def passed_on(visitor: FlaskClient, collection: str) -> str | None:
    """The path of the link that the page of a collection passes on."""
    answer = visitor.get(f"/collections/{collection}/link", headers=JSON)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    return str(answer.json["url"]).removeprefix("http://localhost") if answer.json["url"] else None


@pytest.mark.parametrize("privacy", ["password", "private"])
def test_visitor_of_a_link_shares_that_link(studio: Studio, ada: int, privacy: str) -> None:
    collection, visitor = studio.collection(ada, Privacy(privacy)), studio.client()
    first, last = link(studio, collection), link(studio, collection)
    for path in (first, last):
        page = visitor.get(path, follow_redirects=True).text
        assert f'data-link-url="/collections/{collection}/link"' in page
        assert passed_on(visitor, collection) == path
        assert path.removeprefix("/s/") not in page
    with visitor.session_transaction() as session:
        assert last.removeprefix("/s/") not in str(dict(session))
    friend = studio.client()
    assert friend.get(last, follow_redirects=True).status_code == 200


def test_revoked_link_is_not_offered_for_sharing(studio: Studio, ada: int, app: Proofsheet) -> None:
    collection, visitor = studio.collection(ada, Privacy.PASSWORD), studio.client()
    path, door = link(studio, collection), f"/collections/{collection}/password"
    visitor.get(path)
    assert passed_on(visitor, collection) == path
    with app.app_context():
        db.session.execute(db.update(ShareLink).values(revoked_at=datetime.now(UTC)))
        db.session.commit()
    assert visitor.get(f"/collections/{collection}/link", headers=JSON).status_code == 401
    visitor.post(door, data={"password": PASSWORD})
    assert passed_on(visitor, collection) is None


def test_link_is_offered_only_to_visitors_who_used_it(studio: Studio, ada: int) -> None:
    collection, other = studio.collection(ada), studio.collection(ada, Privacy.PRIVATE)
    visitor = studio.client()
    visitor.get(link(studio, other))
    link(studio, collection)
    assert passed_on(visitor, collection) is None
    assert passed_on(studio.client(), collection) is None
    assert "data-link-url" not in visitor.get(f"/collections/{collection}").text


def test_cookie_keeps_the_last_links_only(studio: Studio, ada: int) -> None:
    collections = [studio.collection(ada, Privacy.PRIVATE) for _ in range(MAX_LINKS + 1)]
    visitor, paths = studio.client(), [link(studio, each) for each in collections]
    for path in paths:
        visitor.get(path)
    assert [passed_on(visitor, each) for each in collections] == [None, *paths[1:]]


def test_link_allows_no_more_than_the_collection_does(studio: Studio, ada: int) -> None:
    collection = studio.collection(ada, Privacy.PRIVATE, downloads_allowed=False)
    photo, visitor = studio.photo(collection), studio.client()
    visitor.get(link(studio, collection, downloads_allowed="y"))
    assert statuses(visitor, photo) == dict.fromkeys(WAYS, 200) | {"original": 403}


def test_visitor_without_download_right_gets_no_original_at_any_url(studio: Studio, ada: int) -> None:
    collection = studio.collection(ada, Privacy.PRIVATE)
    photo, visitor = studio.photo(collection), studio.client()
    visitor.get(link(studio, collection))
    address = f"/collections/files/{photo}/original"
    tag = studio.client(EMAIL).get(address).headers["ETag"]
    for headers in ({}, {"Range": "bytes=0-3"}, {"If-None-Match": tag}, {"If-Range": tag, "Range": "bytes=0-3"}):
        answer = visitor.get(address, headers=headers)
        assert (answer.status_code, "ETag" in answer.headers) == (403, False)
    assert visitor.head(address).status_code == 403


def test_revoking_a_link_closes_open_visits_and_the_link(studio: Studio, ada: int, app: Proofsheet) -> None:
    collection = studio.collection(ada, Privacy.PRIVATE)
    photo, visitor, path = studio.photo(collection), studio.client(), link(studio, collection)
    visitor.get(path)
    assert visitor.get(f"/collections/files/{photo}/preview").status_code == 200
    with app.app_context():
        uuid = db.session.scalars(db.select(ShareLink.uuid)).one()
    owner = studio.client(EMAIL)
    assert owner.post(f"/collections/{collection}/links/{uuid}/revoke", headers=JSON).status_code == 200
    assert set(statuses(visitor, photo).values()) == {404}
    assert visitor.get(f"/collections/{collection}").status_code == 404
    assert studio.client().get(path).status_code == 410
    assert owner.post(f"/collections/{collection}/links/{uuid}/revoke", headers=JSON).status_code == 404


def test_link_ends_at_its_hour_and_with_the_collection(studio: Studio, ada: int, app: Proofsheet) -> None:
    collection = studio.collection(ada, Privacy.PRIVATE)
    path, visitor = link(studio, collection, expires_at=TOMORROW.strftime("%Y-%m-%dT%H:%M")), studio.client()
    assert visitor.get(path).status_code == 303
    with app.app_context():
        db.session.execute(db.update(ShareLink).values(expires_at=datetime(2020, 1, 1, tzinfo=UTC)))
        db.session.commit()
    assert visitor.get(f"/collections/{collection}").status_code == 404
    assert visitor.get(path).status_code == 410

    lasting = link(studio, collection)
    with app.app_context():
        found = lookup.by_uuid(collection)
        details = CollectionDetails("Wedding", privacy=Privacy.PRIVATE, expires_at=datetime(2020, 1, 1, tzinfo=UTC))
        editing.update(found.id, details)
    assert visitor.get(lasting, follow_redirects=True).status_code == 410


def test_visits_are_counted_and_the_secret_is_not_stored_or_cached(studio: Studio, ada: int, app: Proofsheet) -> None:
    collection = studio.collection(ada)
    path = link(studio, collection, label="Grandmother")
    for _ in range(3):
        studio.client().get(path)
    page = studio.client(EMAIL).get(f"/collections/{collection}/links").text
    assert "Grandmother" in page
    assert "3 visits" in page
    assert path not in page
    with app.app_context():
        row = db.session.scalars(db.select(ShareLink)).one()
        assert path.removeprefix("/s/") not in {str(value) for value in vars(row).values()}


@pytest.mark.parametrize("form", [{"expires_at": "2020-01-01"}, {"expires_at": "soon"}, {"label": "x" * 121}])
def test_invalid_links_are_refused_with_a_message(studio: Studio, ada: int, form: dict[str, str]) -> None:
    collection = studio.collection(ada)
    owner = studio.client(EMAIL)
    answer = owner.post(f"/collections/{collection}/links", data=form, headers=JSON)
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, list(form))
    assert owner.post(f"/collections/{collection}/links", data=form).status_code == 422
    assert "0 visits" not in owner.get(f"/collections/{collection}/links").text


@pytest.mark.parametrize("secret", ["x", "0" * 32, "%00", "x" * 3000])
def test_unknown_secrets_open_nothing(client: FlaskClient, secret: str) -> None:
    assert client.get(f"/s/{secret}").status_code == 404


def test_other_accounts_cannot_see_create_or_revoke_links(studio: Studio, ada: int, app: Proofsheet) -> None:
    collection = studio.collection(ada)
    link(studio, collection)
    with app.app_context():
        uuid = db.session.scalars(db.select(ShareLink.uuid)).one()
    studio.photographer("eve@example.com")
    eve = studio.client("eve@example.com")
    own = studio.collection(ada + 1)
    paths = (f"/collections/{collection}/links", f"/collections/{collection}/links/{uuid}/revoke")
    assert [eve.post(path, headers=JSON).status_code for path in paths] == [403, 403]
    assert eve.post(f"/collections/{own}/links/{uuid}/revoke", headers=JSON).status_code == 404


def test_several_hundred_opened_collections_do_not_overflow_the_cookie(
    studio: Studio, ada: int, app: Proofsheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editing, "password_is_right", lambda *_: True)  # each takes 50 ms, as does this:
    monkeypatch.setattr(editing, "generate_password_hash", lambda password: f"hash of {password}")
    opened = [studio.collection(ada, Privacy.PASSWORD) for _ in range(300)]
    visitor = studio.client()
    for uuid in opened:
        answer = visitor.post(f"/collections/{uuid}/password", data={"password": PASSWORD})
        assert answer.status_code == 302
    assert len(re.sub(";.*", "", answer.headers["Set-Cookie"])) < 4096
    assert {visitor.get(f"/collections/{uuid}").status_code for uuid in opened} == {200}
    with app.app_context():
        for uuid in opened[:2]:
            found = lookup.by_uuid(uuid)
            details = CollectionDetails("Wedding", privacy=Privacy.PASSWORD, password="another password")
            editing.update(found.id, details)
    shut = [visitor.get(f"/collections/{uuid}", headers=JSON).status_code for uuid in opened[:3]]
    assert shut == [401, 401, 200]


def test_old_grants_are_deleted(studio: Studio, ada: int, app: Proofsheet) -> None:
    studio.client().get(link(studio, studio.collection(ada)))
    with app.app_context():
        grants.delete_old()
        assert db.session.scalar(db.select(db.func.count(Grant.id))) == 1
        db.session.execute(db.update(Grant).values(created_at=datetime.now(UTC) - timedelta(days=91)))
        db.session.commit()
        grants.delete_old()
        assert db.session.scalar(db.select(db.func.count(Grant.id))) == 0
