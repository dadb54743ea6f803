"""Big files in pieces, to a store that takes none directly: tus over HTTP, from announcement to receipt."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import zlib
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import Proofsheet
from app.errors import StorageUnavailable
from app.integrations.local_storage import LocalStorage
from app.models import File, Upload, db
from app.services import lookup
from app.services.trash.deletion import DeletionService
from tests.support.pictures import jpeg
from tests.support.studio import JSON, Studio

DATA = jpeg(90) + b"\0" * 300_000  # what follows the end of a JPEG is not looked at


def announce(client: FlaskClient, collection: str, data: bytes = DATA, **other: Any) -> Any:
    facts = {"name": "big.jpg", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return client.post(f"/collections/{collection}/uploads", json=facts | other, headers=JSON)


def patch(client: FlaskClient, url: str, offset: Any, data: bytes, **headers: str) -> Any:
    wanted = JSON | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"} | headers
    return client.patch(url, data=data, headers={name.replace("_", "-"): value for name, value in wanted.items()})


def complete(client: FlaskClient, url: str) -> Any:
    return client.post(f"{url}/complete", headers=JSON)


def partials(app: Proofsheet) -> list[Path]:
    return [path for path in Path(app.config["SPOOL_PATH"]).rglob("*") if path.is_file()]


def rows(app: Proofsheet, table: type[File] | type[Upload]) -> int:
    with app.app_context():
        return db.session.query(table).count()


@pytest.fixture
def url(owner: FlaskClient, collection: str) -> str:
    """An upload of DATA that was announced."""
    return str(announce(owner, collection).json["url"])


def test_file_in_pieces_becomes_an_original(app: Proofsheet, owner: FlaskClient, collection: str) -> None:
    begun = announce(owner, collection)
    assert begun.status_code == 201
    url = begun.json["url"]
    assert begun.json == {
        "uuid": url.rsplit("/", 1)[1], "mode": "chunks", "url": url, "size": len(DATA), "received": 0,
        "part_size": 8 * 1024 * 1024, "parts": [],
    }  # fmt: skip
    first = patch(owner, url, 0, DATA[:100_000], Tus_Resumable="1.0.0")
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "100000")
    assert patch(owner, url, 100_000, DATA[100_000:]).headers["Upload-Offset"] == str(len(DATA))
    answer = complete(owner, url)
    assert answer.status_code == 201
    (file,) = answer.json["files"]
    sha256 = hashlib.sha256(DATA).hexdigest()
    assert file == {"uuid": file["uuid"], "name": "big.jpg", "size": len(DATA), "sha256": sha256, "status": "completed"}
    assert owner.get(f"/collections/files/{file['uuid']}/original").data == DATA
    assert (partials(app), rows(app, Upload)) == ([], 0)
    assert owner.get(url, headers=JSON).status_code == 404


def test_crc_is_stored_for_an_upload_hashed_while_stored(owner: FlaskClient, studio: Studio, url: str) -> None:
    patch(owner, url, 0, DATA)
    assert studio.file(complete(owner, url).json["files"][0]["uuid"]).crc32 == zlib.crc32(DATA)


def test_head_returns_the_offset(owner: FlaskClient, url: str) -> None:
    patch(owner, url, 0, DATA[:70_000])
    head = owner.head(url)
    assert (head.status_code, head.data) == (200, b"")
    wanted = {"Upload-Offset": "70000", "Upload-Length": str(len(DATA)), "Cache-Control": "no-store"}
    assert {name: head.headers[name] for name in wanted} == wanted
    assert head.headers["Tus-Resumable"] == "1.0.0"


def test_other_browser_of_the_same_account_resumes(
    owner: FlaskClient, studio: Studio, collection: str, url: str
) -> None:
    patch(owner, url, 0, DATA[:70_000])
    again = announce(studio.client("ada@example.com"), collection)
    assert (again.status_code, again.json["url"], again.json["received"]) == (200, url, 70_000)


def test_file_that_is_here_already_is_named_and_not_begun(
    app: Proofsheet, owner: FlaskClient, studio: Studio, collection: str
) -> None:
    uuid = studio.photo(collection, data=DATA)
    answer = announce(owner, collection)
    assert answer.status_code == 200
    assert (answer.json["file"]["uuid"], answer.json["file"]["status"]) == (uuid, "duplicate")
    assert rows(app, Upload) == 0


def test_duplicate_uploaded_first_wins(
    app: Proofsheet, owner: FlaskClient, studio: Studio, collection: str, url: str
) -> None:
    patch(owner, url, 0, DATA)
    uuid = studio.photo(collection, data=DATA)
    (file,) = complete(owner, url).json["files"]
    assert (file["uuid"], file["status"]) == (uuid, "duplicate")
    assert (partials(app), rows(app, File)) == ([], 1)


@pytest.mark.parametrize("offset", [0, 69_999, 70_001, len(DATA)])
def test_bytes_for_another_place_are_refused(owner: FlaskClient, url: str, offset: int) -> None:
    patch(owner, url, 0, DATA[:70_000])
    answer = patch(owner, url, offset, DATA[offset:])
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "wrong_offset")
    assert owner.head(url).headers["Upload-Offset"] == "70000"


def test_bytes_beyond_the_announced_length_are_refused_and_the_rest_kept(owner: FlaskClient, url: str) -> None:
    assert patch(owner, url, 0, DATA + b"x").status_code == 413
    received = int(owner.head(url).headers["Upload-Offset"])
    assert patch(owner, url, received, DATA[received:]).status_code == 204
    assert complete(owner, url).status_code == 201


@pytest.mark.parametrize(
    ("offset", "headers", "status"),
    [
        ("", {}, 400), ("-1", {}, 400), ("x", {}, 400), ("9" * 30, {}, 400),
        (0, {"Content_Type": "image/jpeg"}, 415), (0, {"Tus_Resumable": "0.2.2"}, 412),
    ],
)  # fmt: skip
def test_invalid_chunk_is_refused(
    owner: FlaskClient, url: str, offset: Any, headers: dict[str, str], status: int
) -> None:
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    assert patch(owner, url, offset, b"x", **headers).status_code == status


@pytest.mark.parametrize("size", [0, -1, 200_000_001])
def test_unacceptable_file_is_refused_before_any_bytes(
    app: Proofsheet, owner: FlaskClient, collection: str, size: int
) -> None:
    answer = announce(owner, collection, size=size)
    (error,) = answer.json["errors"]
    assert (answer.status_code, error["name"]) == (422, "big.jpg")
    assert error["code"] == ("too_large" if size > 0 else "empty")
    assert rows(app, Upload) == 0


@pytest.mark.parametrize("wrong", [{"size": "7"}, {"size": True}, {"name": None}, {"sha256": "x"}, {"sha256": None}])
def test_invalid_announcement_is_refused(owner: FlaskClient, collection: str, wrong: dict[str, Any]) -> None:
    assert announce(owner, collection, **wrong).status_code == 422


def test_partial_upload_cannot_be_completed(owner: FlaskClient, url: str) -> None:
    patch(owner, url, 0, DATA[:-1])
    answer = complete(owner, url)
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "incomplete")
    patch(owner, url, len(DATA) - 1, DATA[-1:])
    assert complete(owner, url).status_code == 201


def test_other_bytes_than_announced_are_thrown_away(
    app: Proofsheet, owner: FlaskClient, collection: str, url: str
) -> None:
    patch(owner, url, 0, b"x" * len(DATA))
    answer = complete(owner, url)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "digest_mismatch")
    assert (partials(app), rows(app, Upload), rows(app, File)) == ([], 0, 0)
    assert not [path for path in Path(app.config["STORAGE_PATH"]).rglob("*") if path.is_file()]
    assert announce(owner, collection).status_code == 201


def test_same_digest_with_another_length_starts_again(
    app: Proofsheet, owner: FlaskClient, collection: str, url: str
) -> None:
    patch(owner, url, 0, DATA[:70_000])
    again = announce(owner, collection, size=len(DATA) + 1)
    assert (again.status_code, again.json["received"]) == (201, 0)
    assert (partials(app), rows(app, Upload)) == ([], 1)


def test_store_that_does_not_answer_can_be_asked_again(
    owner: FlaskClient, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise StorageUnavailable("503 from the store", "some/key")

    patch(owner, url, 0, DATA)
    with monkeypatch.context() as broken:
        broken.setattr(LocalStorage, "put", refuse)
        answer = complete(owner, url)
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "storage_unavailable")
    assert "is kept" in answer.json["error"]["message"]
    assert complete(owner, url).status_code == 201


def test_full_disk_is_reported_and_received_bytes_kept(
    owner: FlaskClient, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, room = os.pwrite, 100_000

    def small_disk(descriptor: int, data: Any, offset: int) -> int:
        if offset >= room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, data[: room - offset], offset)

    with monkeypatch.context() as full:
        full.setattr(os, "pwrite", small_disk)
        answer = patch(owner, url, 0, DATA)
    assert (answer.status_code, answer.json["error"]["code"]) == (507, "disk_full")
    assert owner.head(url).headers["Upload-Offset"] == str(room)
    patch(owner, url, room, DATA[room:])
    assert complete(owner, url).status_code == 201


def test_cut_connection_keeps_received_bytes(owner: FlaskClient, url: str) -> None:
    answer = owner.patch(
        url,
        input_stream=io.BytesIO(DATA[:150_000]),
        environ_overrides={"CONTENT_LENGTH": str(len(DATA))},  # the client would put the length of the stream there
        content_type="application/offset+octet-stream",
        headers=JSON | {"Upload-Offset": "0"},
    )
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "cut_short")
    assert owner.head(url).headers["Upload-Offset"] == "150000"


def test_cancelled_upload_is_gone(app: Proofsheet, owner: FlaskClient, url: str) -> None:
    patch(owner, url, 0, DATA[:70_000])
    assert owner.delete(url, headers=JSON).status_code == 204
    assert (partials(app), rows(app, Upload)) == ([], 0)
    assert patch(owner, url, 70_000, DATA[70_000:]).status_code == 404


def test_collection_deleted_during_the_upload_takes_nothing(
    app: Proofsheet, owner: FlaskClient, collection: str, url: str
) -> None:
    patch(owner, url, 0, DATA)
    with app.app_context():
        DeletionService().delete_collection(lookup.by_uuid(collection).id, None)
    assert [complete(owner, url).status_code, patch(owner, url, 0, b"").status_code, owner.head(url).status_code] == [
        404
    ] * 3


def test_upload_is_visible_only_with_the_upload_right(studio: Studio, collection: str, url: str) -> None:
    studio.photographer("grace@example.com")
    for client, status in ((studio.client(), 401), (studio.client("grace@example.com"), 403)):
        asked = [
            announce(client, collection), client.get(url, headers=JSON), patch(client, url, 0, DATA),
            complete(client, url), client.delete(url, headers=JSON),
        ]  # fmt: skip
        assert [answer.status_code for answer in asked] == [status] * 5


def test_session_ending_during_the_upload_loses_no_bytes(owner: FlaskClient, studio: Studio, url: str) -> None:
    patch(owner, url, 0, DATA[:70_000])
    owner.post("/auth/sign-out", headers=JSON)
    assert patch(owner, url, 70_000, DATA[70_000:]).status_code == 401
    again = studio.client("ada@example.com")
    assert patch(again, url, 70_000, DATA[70_000:]).status_code == 204
    assert complete(again, url).status_code == 201


def test_options_name_tus_version_and_extensions(owner: FlaskClient, url: str) -> None:
    answer = owner.options(url)
    assert (answer.headers["Tus-Version"], answer.headers["Tus-Extension"]) == ("1.0.0", "termination")


def test_token_is_needed_for_a_piece(app: Proofsheet, owner: FlaskClient, url: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = patch(owner, url, 0, DATA)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "csrf")
    assert owner.head(url).headers["Upload-Offset"] == "0"
