"""Uploads over HTTP: permissions, request bodies and responses."""

from __future__ import annotations

import hashlib
import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import Proofsheet
from app.imaging import formats
from app.models import File, Privacy, db
from tests.support.pictures import jpeg
from tests.support.studio import JSON, Studio


def send(client: FlaskClient, collection: str, *files: tuple[str, bytes], headers: Any = JSON, **fields: str) -> Any:
    data = fields | {"files": [(io.BytesIO(content), name) for name, content in files]}
    return client.post(f"/collections/{collection}/upload", data=data, headers=headers)


def count(app: Proofsheet) -> int:
    with app.app_context():
        return db.session.query(File).count()


def test_answer_names_every_file_and_every_refusal(owner: FlaskClient, collection: str) -> None:
    good = jpeg()
    answer = send(owner, collection, ("a.jpg", good), ("empty.jpg", b""), ("b.txt", b"hello"))
    assert answer.status_code == 201
    first, second = answer.json["files"]
    assert first == {
        "uuid": first["uuid"],
        "name": "a.jpg",
        "size": len(good),
        "sha256": hashlib.sha256(good).hexdigest(),
        "status": "completed",
    }
    assert (second["name"], second["status"]) == ("b.txt", "completed")
    assert [(error["name"], error["code"]) for error in answer.json["errors"]] == [("empty.jpg", "empty")]


def test_upload_is_not_bound_by_the_limit_of_other_forms(app: Proofsheet, owner: FlaskClient, collection: str) -> None:
    files = [(f"{n}.bin", bytes([n]) * app.config["MAX_CONTENT_LENGTH"]) for n in range(3)]
    answer = send_raw(owner, collection, body(*files))
    assert (answer.status_code, len(answer.json["files"]), answer.json["errors"]) == (201, 3, [])
    too_long = owner.post("/collections/", data={"title": "T", "description": "x" * 2_000_000}, headers=JSON)
    assert too_long.status_code == 413


def test_upload_without_accepted_files_is_422(owner: FlaskClient, collection: str) -> None:
    answer = send(owner, collection, ("empty.jpg", b""))
    assert answer.status_code == 422
    assert answer.json["files"] == []


def test_form_without_files_is_refused_with_a_reason(owner: FlaskClient, collection: str) -> None:
    answer = owner.post(
        f"/collections/{collection}/upload", data={"x": "y"}, headers=JSON, content_type="multipart/form-data"
    )
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "no_files")


def test_plain_form_shows_results_on_the_page(owner: FlaskClient, collection: str) -> None:
    answer = send(owner, collection, ("a.jpg", jpeg()), ("empty.jpg", b""), headers={})
    assert answer.headers["Location"] == f"/collections/{collection}"
    page = owner.get(f"/collections/{collection}").text
    assert "1 file uploaded" in page
    assert "empty.jpg" in page


def test_only_the_owner_uploads(app: Proofsheet, studio: Studio, collection: str) -> None:
    studio.photographer("grace@example.com")
    assert send(studio.client(), collection, ("a.jpg", jpeg())).status_code == 401
    assert send(studio.client("grace@example.com"), collection, ("a.jpg", jpeg())).status_code == 403
    assert count(app) == 0


def test_strangers_private_collection_does_not_exist(studio: Studio) -> None:
    private = studio.collection(studio.photographer(), Privacy.PRIVATE)
    studio.photographer("grace@example.com")
    assert send(studio.client("grace@example.com"), private, ("a.jpg", jpeg())).status_code == 404


def body(*parts: tuple[str, bytes]) -> bytes:
    """A multipart body, complete."""
    files = b"".join(
        b'--B\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\n%s\r\n' % (name.encode(), content)
        for name, content in parts
    )
    return files + b"--B--\r\n"


def send_raw(client: FlaskClient, collection: str, data: bytes, claimed: int | None = None) -> Any:
    return client.post(
        f"/collections/{collection}/upload",
        input_stream=io.BytesIO(data),
        content_length=claimed if claimed is not None else len(data),
        content_type="multipart/form-data; boundary=B",
        headers=JSON,
    )


def test_body_shorter_than_announced_loses_only_the_cut_file(owner: FlaskClient, collection: str) -> None:
    whole = body(("a.jpg", jpeg(60)), ("b.jpg", jpeg(61)))
    answer = send_raw(owner, collection, whole[:-200], claimed=len(whole))
    assert answer.status_code == 201
    assert [file["name"] for file in answer.json["files"]] == ["a.jpg"]
    assert [(error["name"], error["code"]) for error in answer.json["errors"]] == [("b.jpg", "cut_short")]


@pytest.mark.parametrize("cut", [1, 5, 8, 30])
def test_no_cut_is_ever_taken_for_a_whole_file(app: Proofsheet, owner: FlaskClient, collection: str, cut: int) -> None:
    data = jpeg()
    whole = body(("a.jpg", data))
    send_raw(owner, collection, whole[:-cut], claimed=len(whole) - cut)
    with app.app_context():
        assert all(file.size == len(data) for file in db.session.query(File))


def test_body_ending_between_two_files_is_reported(owner: FlaskClient, collection: str) -> None:
    first = body(("a.jpg", jpeg()))[: -len(b"--B--\r\n")]
    answer = send_raw(owner, collection, first + b"--B\r\nContent-Disp", claimed=10_000)
    assert [file["name"] for file in answer.json["files"]] == ["a.jpg"]
    assert [error["code"] for error in answer.json["errors"]] == ["cut_short"]


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data", "text/plain"])
def test_invalid_form_is_400(owner: FlaskClient, collection: str, content_type: str) -> None:
    answer = owner.post(
        f"/collections/{collection}/upload", data=b"{}", content_type=content_type, headers={"Accept": JSON["Accept"]}
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("rubbish", [b"", b"--", b"\r\n" * 5000, b"--B\r\nno headers here", b"x" * 3_000_000])
def test_random_bytes_as_a_form_are_refused(
    app: Proofsheet, owner: FlaskClient, collection: str, rubbish: bytes
) -> None:
    assert send_raw(owner, collection, rubbish).status_code in (400, 413, 422)
    assert count(app) == 0


class TestCsrf:
    """Uploads check the token themselves, before any file is read."""

    @pytest.fixture
    def settings(self, settings: dict[str, Any]) -> dict[str, Any]:
        return settings | {"WTF_CSRF_ENABLED": True}

    @pytest.fixture
    def token(self, client: FlaskClient, studio: Studio) -> str:
        studio.photographer()
        token = self.token_of(client, "/auth/sign-in")
        form = {"email": "ada@example.com", "password": "a long password", "csrf_token": token}
        assert client.post("/auth/sign-in", data=form).status_code == 302
        return self.token_of(client, "/collections/")

    @staticmethod
    def token_of(client: FlaskClient, path: str) -> str:
        found = re.search(r'name="csrf-token" content="([^"]+)"', client.get(path).text)
        assert found
        return found[1]

    def make(self, client: FlaskClient, token: str) -> str:
        headers = JSON | {"X-CSRFToken": token}
        return str(client.post("/collections/", data={"title": "T"}, headers=headers).json["uuid"])

    def test_csrf_token_in_header_or_field_allows_an_upload(self, client: FlaskClient, token: str) -> None:
        uuid = self.make(client, token)
        headers = JSON | {"X-CSRFToken": token}
        assert send(client, uuid, ("a.jpg", jpeg()), headers=headers).status_code == 201
        assert send(client, uuid, ("b.jpg", jpeg(70)), csrf_token=token).status_code == 201

    @pytest.mark.parametrize("wrong", ["", "rubbish"])
    def test_upload_without_the_token_is_refused(
        self, app: Proofsheet, client: FlaskClient, token: str, wrong: str
    ) -> None:
        uuid = self.make(client, token)
        answer = send(client, uuid, ("a.jpg", jpeg()), headers=JSON | {"X-CSRFToken": wrong})
        assert (answer.status_code, answer.json["error"]["code"]) == (400, "csrf")
        assert count(app) == 0

    def test_every_other_change_needs_the_token_too(self, client: FlaskClient, token: str) -> None:
        assert client.post("/collections/", data={"title": "T"}, headers=JSON).status_code == 400
        assert client.post("/auth/sign-out").status_code == 400


def test_page_lists_drawable_formats_and_extensions(owner: FlaskClient, collection: str) -> None:
    page = owner.get(f"/collections/{collection}").text
    (types,) = re.findall(r'data-drawable-types="([^"]*)"', page)
    assert set(types.split(" ")) == formats.DRAWABLE
    (extensions,) = re.findall(r'data-photo-extensions="([^"]*)"', page)
    assert {"jpg", "heic", "nef"} < set(extensions.split(" ")) == formats.EXTENSIONS
