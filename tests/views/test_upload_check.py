"""The check before an upload, and the digest sent with a file."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import Proofsheet
from app.models import File, db
from tests.support.pictures import jpeg
from tests.support.studio import JSON, Studio


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def ask(client: FlaskClient, collection: str, *digests: str) -> Any:
    files = [{"sha256": each, "size": 1} for each in digests]
    return client.post(f"/collections/{collection}/uploads/check", json={"files": files}, headers=JSON)


def send(client: FlaskClient, collection: str, body: dict[str, Any]) -> Any:
    return client.post(f"/collections/{collection}/upload", data=body, headers=JSON)


def test_check_distinguishes_existing_from_missing_files(owner: FlaskClient, studio: Studio, collection: str) -> None:
    uuid = studio.photo(collection, "kept.jpg")
    other = digest(b"other")
    answer = ask(owner, collection, other, digest(jpeg()).upper(), other)
    assert answer.status_code == 200
    assert answer.json["present"] == [
        {"sha256": digest(jpeg()), "uuid": uuid, "name": "kept.jpg", "status": "completed"}
    ]
    assert answer.json["missing"] == [other]
    assert answer.json["limits"] == {"max_bytes": 200_000_000, "resumable_from_bytes": 16_000_000}


def test_deleted_lost_or_foreign_files_are_missing(owner: FlaskClient, studio: Studio, collection: str) -> None:
    deleted, lost = studio.photo(collection, data=jpeg(70)), studio.photo(collection, data=jpeg(71))
    assert owner.post(f"/collections/files/{deleted}/delete", headers=JSON).status_code < 300
    studio.change(lost, error_code="object_missing")
    elsewhere = str(owner.post("/collections/", data={"title": "T"}, headers=JSON).json["uuid"])
    studio.photo(elsewhere, data=jpeg(72))
    digests = [digest(jpeg(width)) for width in (70, 71, 72)]
    assert ask(owner, collection, *digests).json["missing"] == digests


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"files": {}}, {"files": ["x"]}, {"files": [{"sha256": 7}]}, {"files": [{"sha256": "g" * 64}]}],
)
def test_invalid_check_is_refused(owner: FlaskClient, collection: str, body: Any) -> None:
    answer = owner.post(f"/collections/{collection}/uploads/check", json=body, headers=JSON)
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid")


def test_check_takes_at_most_a_thousand_files(owner: FlaskClient, collection: str) -> None:
    digests = [digest(str(number).encode()) for number in range(1001)]
    assert len(ask(owner, collection, *digests[:1000]).json["missing"]) == 1000
    assert ask(owner, collection, *digests).status_code == 422


def test_only_the_owner_may_ask(studio: Studio, collection: str) -> None:
    studio.photographer("grace@example.com")
    assert ask(studio.client(), collection).status_code == 401
    assert ask(studio.client("grace@example.com"), collection).status_code == 403


def test_matching_digest_is_accepted(owner: FlaskClient, collection: str) -> None:
    body = {"sha256": digest(jpeg()).upper(), "files": (io.BytesIO(jpeg()), "a.jpg")}
    assert send(owner, collection, body).status_code == 201


@pytest.mark.parametrize("announced", [digest(b"other"), "rubbish"])
def test_other_bytes_than_announced_are_refused_and_not_kept(
    app: Proofsheet, owner: FlaskClient, collection: str, announced: str
) -> None:
    answer = send(owner, collection, {"sha256": announced, "files": (io.BytesIO(jpeg()), "a.jpg")})
    assert answer.status_code == 422
    (error,) = answer.json["errors"]
    assert (error["name"], error["code"]) == ("a.jpg", "digest_mismatch")
    assert "Try again" in error["message"]
    with app.app_context():
        assert db.session.query(File).count() == 0
    assert not [path for path in Path(app.config["STORAGE_PATH"]).rglob("*") if path.is_file()]


def test_digest_applies_only_to_the_next_file(owner: FlaskClient, collection: str) -> None:
    files = [(io.BytesIO(jpeg(width)), f"{width}.jpg") for width in (80, 81)]
    answer = send(owner, collection, {"sha256": digest(jpeg(80)), "files": files})
    assert [file["name"] for file in answer.json["files"]] == ["80.jpg", "81.jpg"]


def test_deeply_nested_json_is_refused(owner: FlaskClient, collection: str) -> None:
    body = b"[" * 200_000
    answer = owner.post(f"/collections/{collection}/uploads/check", data=body, content_type="application/json")
    assert answer.status_code == 422
