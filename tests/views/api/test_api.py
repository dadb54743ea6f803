"""The JSON API does what the pages do, page by page, and refuses in words what makes no sense."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.models import Privacy, Scope
from tests.conftest import ManualQueue
from tests.factories import Studio, jpeg

V1 = "/api/v1"


def made(api: FlaskClient, **body: Any) -> dict[str, Any]:
    answer = api.post(f"{V1}/collections", json={"title": "Wedding"} | body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def sent(api: FlaskClient, collection: str, *files: tuple[str, bytes], **fields: str) -> Any:
    data = fields | {"files": [(io.BytesIO(content), name) for name, content in files]}
    return api.post(f"{V1}/collections/{collection}/files", data=data, content_type="multipart/form-data")


def walked(api: FlaskClient, path: str, key: str, limit: int) -> list[list[str]]:
    """The uuids of every slice of a list."""
    slices, cursor = [], ""
    while True:
        answer = api.get(f"{V1}/{path}?limit={limit}{cursor}")
        assert answer.status_code == 200, answer.text
        slices.append([each["uuid"] for each in answer.json[key]])
        if answer.json["next"] is None:
            return slices
        cursor = f"&cursor={answer.json['next']}"


# --- collections ---------------------------------------------------------------------------


def test_collection_is_made_told_of_changed_and_deleted(api: FlaskClient) -> None:
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


def test_change_leaves_what_it_does_not_name(api: FlaskClient, studio: Studio) -> None:
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


def test_change_does_not_undo_another_that_came_while_its_body_was_on_the_way(api: FlaskClient) -> None:
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


def test_senseless_fields_are_refused_by_name(api: FlaskClient) -> None:
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


def test_bodies_that_are_none_are_refused(api: FlaskClient) -> None:
    for body, content_type, status in NO_BODIES:
        answer = api.post(f"{V1}/collections", data=body, content_type=content_type)
        assert (answer.status_code, set(answer.json["error"]) >= {"code", "message"}) == (status, True), body[:40]


ABSURD = (
    "limit=0", "limit=501", "limit=-1", "limit=x", "limit=", "limit=1.5", "limit=%D9%A1", "limit=1e2", "limit=%201",
    "limit=99999999999999999999999", "limit=1&limit=2", "cursor=", "cursor=x", "cursor=-1", "cursor=%00",
    "cursor=9223372036854775808", "page=2", "limit[]=1",
)  # fmt: skip


@pytest.mark.parametrize("listed", ["collections", "collections/{uuid}/files", "collections/{uuid}/status"])
def test_absurd_slices_are_refused_in_words(api: FlaskClient, listed: str) -> None:
    path = f"{V1}/{listed.format(uuid=made(api)['uuid'])}"
    for query in ABSURD:
        answer = api.get(f"{path}?{query}")
        assert (answer.status_code, len(answer.json["error"]["fields"])) == (422, 1), query
    assert api.get(f"{path}?limit=500&cursor=9223372036854775807").status_code == 200


# --- uploads and files ---------------------------------------------------------------------


def test_upload_answers_as_the_page_does(api: FlaskClient) -> None:
    uuid, picture = made(api)["uuid"], jpeg()
    first = sent(api, uuid, ("one.jpg", picture), ("none.jpg", b""))
    assert first.status_code == 201
    (file,), (refused,) = first.json["files"], first.json["errors"]
    assert (file["sha256"], file["status"]) == (sha256(picture).hexdigest(), "completed")
    assert (refused["name"], refused["code"]) == ("none.jpg", "empty")
    again = sent(api, uuid, ("copy.jpg", picture))
    assert (again.status_code, again.json["files"][0]["status"]) == (201, "duplicate")
    nothing = sent(api, uuid, sha256="")
    assert (nothing.status_code, nothing.json["errors"][0]["code"]) == (422, "no_files")


def test_bytes_of_another_digest_are_refused(api: FlaskClient) -> None:
    answer = sent(api, made(api)["uuid"], ("one.jpg", jpeg()), sha256="0" * 64)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "digest_mismatch")


def test_upload_that_is_no_form_is_refused(api: FlaskClient) -> None:
    path = f"{V1}/collections/{made(api)['uuid']}/files"
    assert api.post(path, json={"files": []}).status_code == 415
    assert api.post(path, data=b"x", content_type="multipart/form-data").status_code == 400  # no boundary


def test_check_tells_what_is_missing(api: FlaskClient) -> None:
    uuid, picture = made(api)["uuid"], jpeg()
    sent(api, uuid, ("one.jpg", picture))
    here, missing = sha256(picture).hexdigest(), "0" * 64
    files = [{"sha256": here, "name": "one.jpg", "size": len(picture)}, {"sha256": missing}]
    answer = api.post(f"{V1}/collections/{uuid}/check", json={"files": files})
    assert answer.status_code == 200
    assert [each["sha256"] for each in answer.json["present"]] == [here]
    assert answer.json["missing"] == [missing]
    assert answer.json["limits"]["max_bytes"] == 200_000_000


SENSELESS_QUESTIONS: list[tuple[Any, str]] = [
    (7, "files"),
    ([7], "files.0"),
    ([{}], "files.0.sha256"),
    ([{"sha256": "x" * 64}], "sha256"),
    ([{"sha256": "0" * 64, "size": -1}], "files.0.size"),
    ([{"sha256": "0" * 64, "size": True}], "files.0.size"),
    ([{"sha256": "0" * 64, "size": 1e300}], "files.0.size"),
    ([{"sha256": "0" * 64, "path": "/etc"}], "files.0.path"),
    ([{"sha256": "0" * 64}] * 1001, "files"),
]


def test_senseless_questions_are_refused(api: FlaskClient) -> None:
    path = f"{V1}/collections/{made(api)['uuid']}/check"
    for files, field in SENSELESS_QUESTIONS:
        answer = api.post(path, json={"files": files})
        assert answer.status_code == 422, field
        assert any(name.startswith(field) for name in answer.json["error"]["fields"]), field


def test_files_are_listed_in_the_order_they_came_and_told_of(api: FlaskClient) -> None:
    uuid = made(api)["uuid"]
    report = sent(api, uuid, *[(f"{n}.jpg", jpeg(60 + n)) for n in (3, 1, 2)]).json
    uuids = [file["uuid"] for file in report["files"]]
    assert walked(api, f"collections/{uuid}/files", "files", 2) == [uuids[:2], uuids[2:]]
    listed = api.get(f"{V1}/collections/{uuid}/files").json["files"][0]
    assert api.get(f"{V1}/files/{uuids[0]}").json == listed
    assert (listed["name"], listed["width"], listed["collection"]) == ("3.jpg", 63, uuid)
    assert {variant["name"] for variant in listed["variants"]} == {"thumb", "small", "medium"}


def test_a_list_goes_on_where_it_was_though_files_come_and_go(api: FlaskClient) -> None:
    uuid = made(api)["uuid"]
    first = [file["uuid"] for file in sent(api, uuid, *[(f"{n}.jpg", jpeg(60 + n)) for n in range(4)]).json["files"]]
    half = api.get(f"{V1}/collections/{uuid}/files?limit=2").json
    for gone in first[:2]:
        api.delete(f"{V1}/files/{gone}")
    new = sent(api, uuid, ("new.jpg", jpeg(90))).json["files"][0]["uuid"]
    rest = api.get(f"{V1}/collections/{uuid}/files?cursor={half['next']}").json
    assert [file["uuid"] for file in rest["files"]] == [*first[2:], new]


def test_bytes_come_as_on_the_pages(api: FlaskClient) -> None:
    picture = jpeg()
    uuid = sent(api, made(api)["uuid"], ("Ärger.jpg", picture)).json["files"][0]["uuid"]
    facts = api.get(f"{V1}/files/{uuid}").json
    original = api.get(facts["original"])
    assert (original.status_code, original.data) == (200, picture)
    assert original.headers["Content-Disposition"].startswith("attachment")
    assert "Authorization" in original.headers["Vary"]
    assert api.get(facts["original"], headers={"Range": "bytes=0-1"}).data == b"\xff\xd8"
    for variant in facts["variants"]:
        answer = api.get(variant["url"])
        assert (answer.status_code, answer.mimetype, len(answer.data)) == (200, "image/jpeg", variant["size"])


def test_variant_on_its_way_says_when_to_ask_again(api: FlaskClient, queue: ManualQueue) -> None:
    queue.paused = True
    collection = made(api)["uuid"]
    uuid = sent(api, collection, ("one.jpg", jpeg())).json["files"][0]["uuid"]
    answer = api.get(f"{V1}/files/{uuid}/variants/thumb")
    assert (answer.status_code, answer.json, answer.headers["Retry-After"]) == (202, {"status": "pending"}, "2")
    status = api.get(f"{V1}/collections/{collection}/status").json
    assert (status["counts"]["preparing"], [file["uuid"] for file in status["unfinished"]]) == (1, [uuid])
    queue.paused = False
    assert api.get(f"{V1}/files/{uuid}/variants/thumb").status_code == 200
    assert api.get(f"{V1}/collections/{collection}/status").json["unfinished"] == []


@pytest.mark.parametrize(
    ("name", "content", "variant", "words"),
    [
        ("one.jpg", jpeg(), "huge", "nothing"),
        ("one.pdf", b"%PDF-1.7", "thumb", "not a picture"),
        ("torn.jpg", jpeg()[:300], "thumb", "No variant"),
    ],
)
def test_what_has_no_variant_says_so(api: FlaskClient, name: str, content: bytes, variant: str, words: str) -> None:
    uuid = sent(api, made(api)["uuid"], (name, content)).json["files"][0]["uuid"]
    answer = api.get(f"{V1}/files/{uuid}/variants/{variant}")
    assert answer.status_code == 404
    assert words in answer.json["error"]["message"]


def test_file_is_deleted_into_the_bin(api: FlaskClient, studio: Studio) -> None:
    uuid = sent(api, made(api)["uuid"], ("one.jpg", jpeg())).json["files"][0]["uuid"]
    assert api.delete(f"{V1}/files/{uuid}").json["deleted"] == uuid
    gone = [api.get(f"{V1}/files/{uuid}{rest}").status_code for rest in ("", "/original", "/variants/thumb")]
    assert gone == [404] * 3
    assert uuid in studio.client("ada@example.com").get("/collections/bin").text


# --- share links ---------------------------------------------------------------------------


def test_links_are_made_listed_and_revoked(api: FlaskClient, studio: Studio) -> None:
    uuid = made(api)["uuid"]
    path = f"{V1}/collections/{uuid}/links"
    new = api.post(path, json={"label": "Grandmother", "downloads_allowed": True})
    assert new.status_code == 201
    visitor = studio.client()
    assert visitor.get(new.json["url"]).status_code == 303
    assert visitor.get(f"/collections/{uuid}").status_code == 200
    (link,) = api.get(path).json["links"]
    assert (link["label"], link["visits"], link["revoked_at"]) == ("Grandmother", 1, None)
    assert "secret" not in " ".join(link)
    assert api.delete(f"{path}/{link['uuid']}").json == {"revoked": link["uuid"]}
    assert visitor.get(f"/collections/{uuid}").status_code == 404
    assert api.delete(f"{path}/{link['uuid']}").status_code == 404


@pytest.mark.parametrize("body", [{"expires_at": "2020-01-01"}, {"label": "x" * 121}, {"visits": 1}])
def test_senseless_links_are_refused(api: FlaskClient, body: dict[str, Any]) -> None:
    answer = api.post(f"{V1}/collections/{made(api)['uuid']}/links", json=body)
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, list(body))


# --- errors --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [V1, f"{V1}/", "/api/", "/api/v2/collections", f"{V1}/collections/x/nothing"])
def test_what_is_not_there_says_so_in_json(api: FlaskClient, path: str) -> None:
    answer = api.get(path, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "not_found")


def test_other_methods_are_told_which_there_are(by: Callable[[Scope], FlaskClient]) -> None:
    answer = by(Scope.READ).put(f"{V1}/collections", json={})
    assert (answer.status_code, answer.json["error"]["code"]) == (405, "method_not_allowed")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
