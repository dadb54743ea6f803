"""API: collections are created, changed, listed and deleted; invalid requests are refused with a message."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.models import Privacy
from tests.support.studio import Studio
from tests.views.api.asking import V1, made, walked


def test_collection_is_created_read_changed_and_deleted(api: FlaskClient) -> None:
    new = made(api, description="In May.\nAll day.", event_date="2026-05-09", expires_at="2999-01-31T18:00")
    assert (new["privacy"], new["expires_at"], new["counts"]["total"]) == ("private", "2999-01-31T18:00:00Z", 0)
    path = f"{V1}/collections/{new['uuid']}"
    changed = api.patch(path, json={"title": "Mira & Jonas", "expires_at": None, "sort_order": "name"})
    expected = new | {"title": "Mira & Jonas", "expires_at": None, "sort_order": "name"}
    assert (changed.status_code, changed.json) == (200, expected)
    assert api.get(path).json == expected
    deleted = api.delete(path)
    assert (deleted.status_code, deleted.json["deleted"]) == (200, new["uuid"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", deleted.json["recoverable_until"])  # as all moments are
    assert [api.get(path).status_code, api.delete(path).status_code] == [404, 404]


def test_location_of_a_new_collection_leads_to_it(api: FlaskClient) -> None:
    answer = api.post(f"{V1}/collections", json={"title": "Wedding"})
    assert api.get(answer.location).json == answer.json


def test_change_keeps_fields_that_it_does_not_name(api: FlaskClient, studio: Studio) -> None:
    new = made(
        api, privacy="password", password="rosemary", description="D", downloads_allowed=False, hides_location=True
    )
    api.patch(f"{V1}/collections/{new['uuid']}", json={"title": "Other"})
    answer = studio.client().post(f"/collections/{new['uuid']}/password", data={"password": "rosemary"})
    assert answer.status_code == 302
    now = api.get(f"{V1}/collections/{new['uuid']}").json
    assert (now["description"], now["downloads_allowed"], now["privacy"]) == ("D", False, "password")
    assert now["hides_location"] is True
    assert "password_hash" not in now


class Slow(io.BytesIO):
    """A body before whose first byte something else happens."""

    def __init__(self, body: bytes, meanwhile: Callable[[], Any]) -> None:
        super().__init__(body)
        self._meanwhile = meanwhile

    def readinto(self, buffer: Any) -> int:
        if self.tell() == 0:
            with ThreadPoolExecutor(1) as other:
                other.submit(self._meanwhile).result(30)
        return super().readinto(buffer)


def test_change_does_not_undo_another_made_while_its_body_arrived(api: FlaskClient) -> None:
    """A collection that was closed just now stays closed, whatever a slow program says of its title."""
    path, body = f"{V1}/collections/{made(api, privacy='public')['uuid']}", b'{"title": "Other"}'
    slow = Slow(body, lambda: api.patch(path, json={"privacy": "private"}))
    changed = api.patch(path, input_stream=slow, content_length=len(body), content_type="application/json")
    assert (changed.status_code, changed.json["title"], changed.json["privacy"]) == (200, "Other", "private")


def test_only_own_collections_are_listed_newest_first_and_each_once(api: FlaskClient, studio: Studio) -> None:
    studio.collection(studio.photographer("eve@example.com"), Privacy.PUBLIC)
    newest_first = [made(api, title=str(n))["uuid"] for n in range(5)][::-1]
    assert walked(api, "collections", "collections", 2) == [newest_first[:2], newest_first[2:4], newest_first[4:]]
    assert walked(api, "collections", "collections", 5) == [newest_first]


SENSELESS: list[tuple[dict[str, Any], str]] = [
    ({}, "title"),
    ({"title": ""}, "title"),
    ({"title": "  "}, "title"),
    ({"title": None}, "title"),
    ({"title": 7}, "title"),
    ({"title": "x" * 201}, "title"),
    ({"title": "a\0b"}, "title"),
    ({"title": "a\u001bb"}, "title"),
    ({"title": "T", "description": "x" * 5001}, "description"),
    ({"title": "T", "privacy": "secret"}, "privacy"),
    ({"title": "T", "privacy": "password"}, "password"),
    ({"title": "T", "password": "\0"}, "password"),
    ({"title": "T", "expires_at": "soon"}, "expires_at"),
    ({"title": "T", "expires_at": 12}, "expires_at"),
    ({"title": "T", "expires_at": "0001-01-01T00:00+14:00"}, "expires_at"),
    ({"title": "T", "event_date": "2026-13-01"}, "event_date"),
    ({"title": "T", "downloads_allowed": "yes"}, "downloads_allowed"),
    ({"title": "T", "downloads_allowed": [1]}, "downloads_allowed"),
    ({"title": "T", "sort_order": "none"}, "sort_order"),
    ({"title": "T", "owner_id": 1}, "owner_id"),
    ({"title": "T", "uuid": "mine"}, "uuid"),
]


def test_invalid_fields_are_refused_by_name(api: FlaskClient) -> None:
    for body, field in SENSELESS:
        answer = api.post(f"{V1}/collections", json=body)
        assert (answer.status_code, list(answer.json["error"].get("fields", ()))) == (422, [field]), body
        assert answer.json["error"]["message"]
    assert api.get(f"{V1}/collections").json["collections"] == []


JSON = "application/json"
NO_BODIES: list[tuple[bytes, str, int]] = [
    (b"{}", "text/plain", 415),
    (b"title=T", "application/x-www-form-urlencoded", 415),
    (b"{}", "", 415),
    (b"", JSON, 400),
    (b"{", JSON, 400),
    (b"\xff", JSON, 400),
    (b"[" * 90_000, JSON, 400),
    (b'{"title":' + b"9" * 5000 + b"}", JSON, 400),
    (b"[]", JSON, 422),
    (b"null", JSON, 422),
    (b'"title"', JSON, 422),
    (b'{"title": NaN}', JSON, 400),
    (b'{"title": "\\ud800"}', JSON, 400),
    (b'{"title":"' + b"x" * 100_000 + b'"}', JSON, 413),
]


def test_invalid_bodies_are_refused(api: FlaskClient) -> None:
    for body, content_type, status in NO_BODIES:
        answer = api.post(f"{V1}/collections", data=body, content_type=content_type)
        assert (answer.status_code, set(answer.json["error"]) >= {"code", "message"}) == (status, True), body[:40]


ABSURD = (
    "limit=0", "limit=501", "limit=-1", "limit=x", "limit=", "limit=1.5", "limit=%D9%A1", "limit=1e2", "limit=%201",
    "limit=99999999999999999999999", "limit=1&limit=2", "cursor=", "cursor=x", "cursor=-1", "cursor=%00",
    "cursor=9223372036854775808", "page=2", "limit[]=1",
)  # fmt: skip


@pytest.mark.parametrize("listed", ["collections", "collections/{uuid}/files", "collections/{uuid}/status"])
def test_invalid_slices_are_refused_with_a_message(api: FlaskClient, listed: str) -> None:
    path = f"{V1}/{listed.format(uuid=made(api)['uuid'])}"
    for query in ABSURD:
        answer = api.get(f"{path}?{query}")
        assert (answer.status_code, len(answer.json["error"]["fields"])) == (422, 1), query
    assert api.get(f"{path}?limit=500&cursor=9223372036854775807").status_code == 200
