"""Whatever arrives, in any place of any route, is answered in words and never with a fault of the server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import Proofsheet, create_app
from app.jobs.queue import InProcessQueue
from app.models import db
from tests.conftest import Browser
from tests.factories import JSON, Studio
from tests.security.hostile import BODIES, HEADERS, MULTIPART, QUERIES, SEGMENTS, part

EMAIL = "ada@example.com"
CHANGING = ("POST", "PUT", "PATCH", "DELETE")
HTML = {"Accept": "text/html"}
# A sign-out would make a stranger of Ada, and a stream has no end to be waited for.
LEFT_OUT = ("auth.sign_out", "collections.events", "static", "collections.static")
PARAMETER = re.compile(r"<(?:[^:>]+:)?(\w+)>")
# What PostgreSQL takes otherwise than SQLite: it knows no NUL in a text and no number beyond its column.
STRICT = ("nul", "beyond 64 bits", "negative", "not utf-8", "surrogate", "json nul", "earliest moment", "latest moment")


class Target:
    """Ada, who may do everything to a collection with a photograph, and every route that could hurt them."""

    def __init__(self, app: Proofsheet) -> None:
        self._app, studio = app, Studio(app)
        collection = studio.collection(studio.photographer(EMAIL, role="admin"))
        self.client = studio.client(EMAIL)
        file = studio.photo(collection)
        self._known = {"collection_uuid": collection, "file_uuid": file, "name": "medium", "colour": "1a6b5c"}

    def addresses(self, *methods: str, segment: str | None = None) -> Iterator[tuple[str, str]]:
        """Each method and address of the routes; with a segment, of those that take one, in its place."""
        for rule in self._app.url_map.iter_rules():
            if rule.endpoint in LEFT_OUT or (segment is not None and "<" not in rule.rule):
                continue
            address = PARAMETER.sub(lambda found: segment or self._known.get(found[1], "1"), rule.rule)
            for method in sorted((rule.methods or set()) & set(methods)):
                yield method, address

    def wordless(self, *methods: str, segment: str | None = None, **sent: Any) -> list[tuple[str, str, int]]:
        """The requests that are answered with a fault of the server, or refused without a word."""
        found = []
        for method, address in self.addresses(*methods, segment=segment):
            headers = JSON | sent.get("headers", {})
            answer = self.client.open(address, method=method, **(sent | {"headers": headers}))
            if answer.status_code >= 500 or (answer.status_code >= 400 and not answer.text.strip()):
                found.append((method, address[:80], answer.status_code))
        return found


def _target(database: str, folder: Path) -> Iterator[Target]:
    app = create_app({
        "TESTING": True, "SECRET_KEY": "only for tests", "DATABASE_URL": database, "WTF_CSRF_ENABLED": False,
        "RATELIMIT_ENABLED": False, "STORAGE_PATH": str(folder / "storage"), "SPOOL_PATH": str(folder / "spool"),
        "VARIANT_WAIT_SECONDS": 0.0,
    })  # fmt: skip
    app.test_client_class = Browser
    queue = app.extensions["proofsheet.queue"]
    assert isinstance(queue, InProcessQueue)
    with app.app_context():
        db.create_all()
    yield Target(app)
    queue.close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """One for all of what is sent here: whatever it did to Ada's things, the next is answered as well."""
    folder = tmp_path_factory.mktemp("target")
    yield from _target(f"sqlite:///{folder / 'target.db'}", folder)


@pytest.fixture
def strict(postgres_url: str, tmp_path: Path) -> Iterator[Target]:
    """The same on PostgreSQL."""
    yield from _target(postgres_url, tmp_path)


@pytest.mark.parametrize("kind", SEGMENTS)
def test_no_name_in_an_address_is_a_fault(target: Target, kind: str) -> None:
    assert target.wordless("GET", *CHANGING, segment=SEGMENTS[kind]) == []


@pytest.mark.parametrize("kind", QUERIES)
def test_no_query_is_a_fault(target: Target, kind: str) -> None:
    assert target.wordless("GET", query_string=QUERIES[kind]) == []


@pytest.mark.parametrize("kind", HEADERS)
def test_no_header_is_a_fault(target: Target, kind: str) -> None:
    assert target.wordless("GET", "PATCH", headers=HEADERS[kind]) == []


@pytest.mark.parametrize("kind", BODIES)
def test_no_body_is_a_fault(target: Target, kind: str) -> None:
    content_type, body = BODIES[kind]
    assert target.wordless(*CHANGING, data=body, content_type=content_type) == []


def test_a_database_that_takes_less_is_no_fault_either(strict: Target) -> None:
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
def test_a_form_that_is_too_much_is_said_to_be_so(target: Target, kind: str, address: str) -> None:
    content_type, body = BODIES[kind]
    answer = target.client.post(address, data=body, content_type=content_type, headers=HTML)
    assert answer.status_code == TOO_MUCH[kind]
    assert "Too large" in answer.text


@pytest.mark.parametrize("text", ["a\r\nSet-Cookie: stolen=1", "a\nLocation: //evil.example", "\r\n\r\n<script>"])
def test_no_text_of_theirs_becomes_a_header(target: Target, text: str) -> None:
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
def test_a_host_that_is_not_ours_is_refused_where_ours_are_named(target: Target, host: str) -> None:
    config = target.client.application.config
    try:
        config["TRUSTED_HOSTS"] = ["photos.example.com"]
        assert target.client.get("/auth/sign-in", headers={"Host": "photos.example.com:8080"}).status_code < 400
        assert target.client.get("/auth/sign-in", headers={"Host": host}).status_code == 400
    finally:
        config["TRUSTED_HOSTS"] = None
