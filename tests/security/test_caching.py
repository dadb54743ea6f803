"""Caching of responses: errors and account pages are not stored, photos in no shared cache."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import session
from flask.testing import FlaskClient

from app import Proofsheet
from app.models import Privacy, Role
from app.services import lookup
from app.services.collections import editing
from app.services.collections.editing import CollectionDetails
from app.services.delivery.files import Redirect
from app.views.answers import deliver
from tests.security.apps import house
from tests.support.studio import JSON, PASSWORD, Studio, past

EMAIL = "ada@example.com"
KEPT_BY_BROWSER = re.compile(r"private, (no-cache|max-age=\d+(, immutable)?)")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proofsheet]:
    with house(tmp_path_factory.mktemp("caching"), RATELIMIT_ENABLED=False) as app:
        Studio(app).photographer(EMAIL, role=Role.ADMIN)
        yield app


@pytest.fixture(scope="module")
def scene(app: Proofsheet) -> dict[str, str]:
    """Collections of every kind, each with a photograph."""
    studio = Studio(app)
    found = {privacy.value: studio.collection(1, privacy) for privacy in Privacy}
    found |= {f"{name}_photo": studio.photo(uuid) for name, uuid in found.items()}
    over = studio.collection(1)
    found["over_photo"] = studio.photo(over)
    with app.app_context():
        details = CollectionDetails("T", privacy=Privacy.PUBLIC, expires_at=past())
        editing.update(lookup.by_uuid(over).id, details)
    return found | {"over": over}


@pytest.fixture
def visitor(app: Proofsheet) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="module")
def owner(app: Proofsheet) -> FlaskClient:
    return Studio(app).client(EMAIL)


def caching(answer: Any) -> str:
    return str(answer.headers["Cache-Control"])


def varies(answer: Any) -> set[str]:
    return {name.strip() for name in ",".join(answer.headers.getlist("Vary")).split(",") if name.strip()}


SHOWN = (
    "/collections/{public}", "/collections/{public}/layout", "/collections/{public}/tiles",
    "/collections/{public}/status", *(f"/collections/files/{{public_photo}}/{way}" for way in (
        "original", "preview", "thumbnail", "variants/small", "preview?v=1", "original?v=1", "tile", "info")),
    "/collections/{public}/head",
)  # fmt: skip


@pytest.mark.parametrize("path", SHOWN)
def test_visitor_pages_are_cached_by_the_browser_only(visitor: FlaskClient, scene: dict[str, str], path: str) -> None:
    answer = visitor.get(path.format_map(scene))
    assert answer.status_code == 200
    assert KEPT_BY_BROWSER.fullmatch(caching(answer))
    assert "Cookie" in varies(answer)


@pytest.mark.parametrize("path", ["/collections/{public}/layout", *SHOWN[4:10]])
def test_not_modified_has_the_same_cache_headers(visitor: FlaskClient, scene: dict[str, str], path: str) -> None:
    first = visitor.get(path.format_map(scene))
    again = visitor.get(path.format_map(scene), headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert (caching(again), "Cookie" in varies(again)) == (caching(first), True)
    part = visitor.get(path.format_map(scene), headers={"Range": "bytes=0-3"})
    assert caching(part) == caching(first)


@pytest.mark.parametrize(
    "path",
    ["/collections/", "/collections/new", "/collections/bin", "/collections/{private}/edit", "/account/",
     "/account/people", "/collections/{private}/links", "/collections/{private}/delete", "/auth/sign-in"],
)  # fmt: skip
def test_account_pages_are_not_cached(owner: FlaskClient, scene: dict[str, str], path: str) -> None:
    answer = owner.get(path.format_map(scene))
    assert (answer.status_code, caching(answer)) == (200, "no-store")
    assert "Cookie" in varies(answer)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/collections/{private}", 404),
        ("/collections/files/{private_photo}/preview", 404),
        ("/collections/files/{private_photo}/original", 404),
        ("/collections/files/{password_photo}/preview", 401),
        ("/collections/{password}", 401),
        ("/collections/{over}", 410),
        ("/collections/files/{over_photo}/thumbnail", 410),
        ("/collections/{public}/edit", 401),
        ("/collections/{public}?sort=x", 422),
        ("/s/x", 404),
        ("/static/x.css", 404),
        ("/account/accent/zzz.css", 404),
    ],
)
def test_refusals_are_not_cached(visitor: FlaskClient, scene: dict[str, str], path: str, status: int) -> None:
    for versioned in ("", "&v=1" if "?" in path else "?v=1"):
        answer = visitor.get(path.format_map(scene) + versioned, headers=JSON)
        assert (answer.status_code, caching(answer)) == (status, "no-store")
        assert "ETag" not in answer.headers


def test_only_static_files_are_publicly_cacheable(visitor: FlaskClient) -> None:
    for path in ("/static/css/gallery.css", "/collections/static/js/grid.js", "/account/accent/17655b.css"):
        answer = visitor.get(path)
        assert "private" not in caching(answer)
        assert "Cookie" not in varies(answer)
        assert "Set-Cookie" not in answer.headers


def test_no_shared_cache_keeps_a_collection_that_is_closed(app: Proofsheet, visitor: FlaskClient) -> None:
    """What a proxy with the usual rules holds after the public has been: nothing, so nothing outlives the closing."""
    studio = Studio(app)
    collection = studio.collection(1)
    photo = studio.photo(collection)
    paths = [
        f"/collections/{collection}",
        *(f"/collections/files/{photo}/{way}?v=1" for way in ("preview", "original")),
    ]
    held = {path for path in paths if not {"private", "no-store"} & set(caching(visitor.get(path)).split(", "))}
    with app.app_context():
        details = CollectionDetails("T", privacy=Privacy.PRIVATE)
        editing.update(lookup.by_uuid(collection).id, details)
    assert held == set()
    assert [visitor.get(path).status_code for path in paths] == [404] * 3


@pytest.mark.parametrize(
    ("max_age", "exact", "said"),
    [(3540, True, "private, max-age=3540"), (3540, False, "no-store"), (0, True, "private, max-age=0")],
)
def test_redirects_to_the_store_are_cached_no_longer_than_they_are_valid(
    app: Proofsheet, max_age: int, exact: bool, said: str
) -> None:
    with app.test_request_context("/?v=1"):
        delivered = deliver(Redirect("https://r2.example.com/k?X-Amz-Signature=x", max_age), exact=exact)
        answer = app.process_response(app.make_response(delivered))
    assert (answer.status_code, caching(answer)) == (302, said)
    assert "Cookie" in varies(answer)


@pytest.mark.parametrize(
    "look", [lambda: "x" in session, lambda: len(session), lambda: list(session), lambda: session.get("x")]
)
def test_any_session_access_sets_vary_cookie(app: Proofsheet, look: Any) -> None:
    """CVE-2026-27205: before Flask 3.1.3 looking at its keys alone was not."""
    with app.test_request_context("/"):
        look()
        assert session.accessed
        assert "Cookie" in varies(app.process_response(app.make_response("x")))


def test_placeholder_is_requested_again(app: Proofsheet, visitor: FlaskClient, scene: dict[str, str]) -> None:
    photo = Studio(app).photo(scene["public"], data=b"no picture at all", name="broken.jpg")
    answer = visitor.get(f"/collections/files/{photo}/variants/large?v=1")
    assert answer.status_code in (202, 404)
    assert caching(answer) == "no-store"


def test_password_form_and_its_responses_are_not_cached(
    app: Proofsheet, visitor: FlaskClient, scene: dict[str, str]
) -> None:
    path = f"/collections/{scene['password']}/password"
    answers = [
        visitor.get(path),
        visitor.post(path, data={"password": "x"}),
        visitor.post(path, data={"password": PASSWORD}),
    ]
    assert [(answer.status_code, caching(answer)) for answer in answers] == [
        (200, "no-store"),
        (401, "no-store"),
        (302, "no-store"),
    ]
    assert caching(visitor.get(f"/collections/{scene['password']}")) == "private, no-cache"
