"""Any input, at any place of any route, is answered with a message and never with a server error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.security.hostile import BODIES, HEADERS, MULTIPART, QUERIES, SEGMENTS, part
from tests.security.target import Target, target_on
from tests.support.studio import JSON

CHANGING = ("POST", "PUT", "PATCH", "DELETE")
HTML = {"Accept": "text/html"}
# What PostgreSQL takes otherwise than SQLite: it knows no NUL in a text and no number beyond its column.
STRICT = ("nul", "beyond 64 bits", "negative", "not utf-8", "surrogate", "json nul", "earliest moment", "latest moment")


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """One target for all input; earlier input must not affect later responses."""
    folder = tmp_path_factory.mktemp("target")
    with target_on(f"sqlite:///{folder / 'target.db'}", folder) as target:
        yield target


@pytest.fixture
def strict(postgres_url: str, tmp_path: Path) -> Iterator[Target]:
    """The target on PostgreSQL."""
    with target_on(postgres_url, tmp_path) as target:
        yield target


@pytest.mark.parametrize("kind", SEGMENTS)
def test_no_name_in_a_url_causes_a_server_error(target: Target, kind: str) -> None:
    assert target.wordless("GET", *CHANGING, segment=SEGMENTS[kind]) == []


@pytest.mark.parametrize("kind", QUERIES)
def test_no_query_causes_a_server_error(target: Target, kind: str) -> None:
    assert target.wordless("GET", query_string=QUERIES[kind]) == []


@pytest.mark.parametrize("kind", HEADERS)
def test_no_header_causes_a_server_error(target: Target, kind: str) -> None:
    assert target.wordless("GET", "PATCH", headers=HEADERS[kind]) == []


@pytest.mark.parametrize("kind", BODIES)
def test_no_body_causes_a_server_error(target: Target, kind: str) -> None:
    content_type, body = BODIES[kind]
    assert target.wordless(*CHANGING, data=body, content_type=content_type) == []


def test_strict_database_causes_no_server_error(strict: Target) -> None:
    for kind in STRICT:
        if kind in SEGMENTS:
            assert strict.wordless("GET", *CHANGING, segment=SEGMENTS[kind]) == []
        if kind in QUERIES:
            assert strict.wordless("GET", query_string=QUERIES[kind]) == []
        if kind in BODIES:
            content_type, body = BODIES[kind]
            assert strict.wordless(*CHANGING, data=body, content_type=content_type) == []


TOO_MUCH = {"hundred thousand fields": 413, "one field of a megabyte": 413, "multipart of ten thousand parts": 413}


@pytest.mark.parametrize("kind", TOO_MUCH)
@pytest.mark.parametrize("address", ["/collections/", "/auth/sign-in", "/account/"])
def test_too_large_form_is_refused_with_its_reason(target: Target, kind: str, address: str) -> None:
    content_type, body = BODIES[kind]
    answer = target.client.post(address, data=body, content_type=content_type, headers=HTML)
    assert answer.status_code == TOO_MUCH[kind]
    assert "Too large" in answer.text


@pytest.mark.parametrize("text", ["a\r\nSet-Cookie: stolen=1", "a\nLocation: //evil.example", "\r\n\r\n<script>"])
def test_no_user_text_becomes_a_header(target: Target, text: str) -> None:
    collection = target.client.post("/collections/", data={"title": text}, headers=JSON).json["uuid"]
    head = f"form-data; name=\"files\"; filename*=UTF-8''{''.join(f'%{byte:02X}' for byte in text.encode())}"
    body = part(head, f"not a picture {text}".encode())
    made = target.client.post(f"/collections/{collection}/upload", data=body, content_type=MULTIPART, headers=JSON)
    assert made.status_code == 201, made.text
    answer = target.client.get(f"/collections/files/{made.json['files'][0]['uuid']}/original")
    assert answer.status_code == 200
    assert not {"Location", "stolen"} & set(answer.headers.keys())
    assert "stolen" not in "".join(answer.headers.getlist("Set-Cookie"))
    assert not any(ord(letter) < 32 for _name, value in answer.headers for letter in value)


@pytest.mark.parametrize(
    "field", ["owner_id", "id", "uuid", "created_at", "deleted_at", "password_hash", "role", "is_admin"]
)
def test_a_field_that_no_form_has_changes_nothing(target: Target, field: str) -> None:
    made = target.client.post("/collections/", data={"title": "Mine", "privacy": "public", field: "7"}, headers=JSON)
    assert made.status_code == 201
    assert made.json["uuid"] != "7"
    told = target.client.post(
        f"/collections/{made.json['uuid']}/edit", data={"title": "Still", field: "7"}, headers=JSON
    )
    assert told.status_code == 302, told.text
    assert "Still" in target.client.get(f"/collections/{made.json['uuid']}").text


@pytest.mark.parametrize(
    ("address", "field", "length"),
    [("/collections/", "title", 200), ("/collections/", "description", 5_000), ("/collections/", "password", 1_000)],
)
def test_a_text_that_is_too_long_is_named(target: Target, address: str, field: str, length: int) -> None:
    sent = {"title": "t", "privacy": "public"} | {field: "a" * (length + 1)}
    answer = target.client.post(address, data=sent, headers=JSON)
    assert answer.status_code == 422
    assert field in answer.json["error"]["fields"]


@pytest.mark.parametrize(
    "form", [[1], "text", 7, None, {"title": ["x"]}, {"title": {"a": 1}}, {"title": 7, "privacy": 1}]
)
def test_a_form_is_not_filled_in_by_json(target: Target, form: Any) -> None:
    answer = target.client.post("/collections/", json=form, headers=JSON)
    assert answer.status_code == 422
    assert "title" in answer.json["error"]["fields"]


@pytest.mark.parametrize("host", ["evil.example", "photos.example.com.evil.example", "a@b"])
def test_unknown_host_is_refused_where_trusted_hosts_are_set(target: Target, host: str) -> None:
    config = target.client.application.config
    try:
        config["TRUSTED_HOSTS"] = ["photos.example.com"]
        assert target.client.get("/auth/sign-in", headers={"Host": "photos.example.com:8080"}).status_code < 400
        assert target.client.get("/auth/sign-in", headers={"Host": host}).status_code == 400
    finally:
        config["TRUSTED_HOSTS"] = None
