"""Big files from the browser straight to a store that speaks S3. moto checks no signature; the contract tests on a
real store do."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient

from app import Proofsheet
from app.errors import StorageUnavailable
from app.integrations.file_storage import CloudflareR2Storage
from app.integrations.s3.parts import S3Parts
from app.integrations.s3.settings import MIB, R2Settings, client_for
from app.models import File, Upload, db, utc_now
from app.services.maintenance.orphans import Orphans
from app.services.uploads.abandoned import AbandonedUploads
from app.services.uploads.originals import OriginalService
from tests.support.app import ManualQueue
from tests.support.pictures import jpeg
from tests.support.studio import JSON, Studio

DATA = jpeg(90) + b"\0" * (12 * MIB)
PART = 5 * MIB


@pytest.fixture(autouse=True)
def _on_r2(on_r2: R2Settings) -> None:
    """The app has a bucket of its own at moto."""


@pytest.fixture
def store(app: Proofsheet) -> CloudflareR2Storage:
    """The store of the app, with the smallest parts that S3 takes."""
    storage = app.r2_storage
    assert storage is not None
    small = CloudflareR2Storage(replace(storage.settings, part_bytes=PART, max_attempts=1, retry_pause_seconds=0))
    app.r2_storage = app.extensions["proofsheet.storages"]["r2"] = small
    return small


def md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data).digest()).decode()


def pieces(data: bytes) -> dict[int, bytes]:
    return {number + 1: data[start : start + PART] for number, start in enumerate(range(0, len(data), PART))}


def announce(client: FlaskClient, collection: str, data: bytes = DATA, **other: Any) -> Any:
    facts = {"name": "big.jpg", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return client.post(f"/collections/{collection}/uploads", json=facts | other, headers=JSON)


def parts_json(parts: dict[int, bytes]) -> dict[str, Any]:
    return {"parts": [{"number": number, "md5": md5(data)} for number, data in parts.items()]}


def put(client: FlaskClient, url: str, parts: dict[int, bytes]) -> None:
    """Act as a browser: request the URLs and send each part with its MD5."""
    urls = client.post(f"{url}/parts", json=parts_json(parts), headers=JSON).json["urls"]
    for number, data in parts.items():
        sent = requests.put(urls[str(number)], data=data, headers={"Content-MD5": md5(data)}, timeout=30)
        assert sent.status_code == 200, sent.text


def complete(client: FlaskClient, url: str, parts: dict[int, bytes] | None = None) -> Any:
    return client.post(f"{url}/complete", json=parts_json(parts) if parts else None, headers=JSON)


def rows(app: Proofsheet, table: type[File] | type[Upload]) -> int:
    with app.app_context():
        return db.session.query(table).count()


def left(store: CloudflareR2Storage) -> tuple[int, int]:
    """How many objects and unfinished uploads the bucket has."""
    unfinished = client_for(store.settings).list_multipart_uploads(Bucket=store.settings.bucket).get("Uploads", [])
    return len(list(store.list())), len(unfinished)


@pytest.fixture
def url(store: CloudflareR2Storage, owner: FlaskClient, collection: str) -> str:
    """An upload of DATA that was announced."""
    return str(announce(owner, collection).json["url"])


def test_parts_become_an_original(app: Proofsheet, owner: FlaskClient, collection: str, url: str) -> None:
    begun = announce(owner, collection).json
    assert (begun["mode"], begun["part_size"], begun["parts"], begun["received"]) == ("parts", PART, [], 0)
    parts = pieces(DATA)
    put(owner, url, parts)
    answer = complete(owner, url, parts)
    assert answer.status_code == 201, answer.text
    (file,) = answer.json["files"]
    assert (file["size"], file["sha256"]) == (len(DATA), hashlib.sha256(DATA).hexdigest())
    assert file["status"] == "completed"
    original = owner.get(f"/collections/files/{file['uuid']}/original").headers["Location"]
    assert requests.get(original, timeout=30).content == DATA
    assert rows(app, Upload) == 0


def test_address_of_a_part_binds_its_bytes(owner: FlaskClient, url: str) -> None:
    urls = owner.post(f"{url}/parts", json=parts_json(pieces(DATA)), headers=JSON).json["urls"]
    assert all("X-Amz-SignedHeaders=content-md5%3Bhost" in each for each in urls.values())
    assert all("X-Amz-Expires=3600&" in f"{each}&" for each in urls.values())


def test_stored_parts_are_listed_and_not_sent_again(
    owner: FlaskClient, studio: Studio, collection: str, url: str
) -> None:
    parts = pieces(DATA)
    put(owner, url, {2: parts[2]})
    again = announce(studio.client("ada@example.com"), collection).json
    assert (again["url"], again["received"]) == (url, PART)
    assert again["parts"] == [{"number": 2, "size": PART, "md5": md5(parts[2])}]
    answer = complete(owner, url)
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "incomplete")
    put(owner, url, {1: parts[1], 3: parts[3]})
    assert complete(owner, url).status_code == 201


def test_part_of_other_bytes_than_declared_is_missing(owner: FlaskClient, url: str) -> None:
    parts = pieces(DATA)
    put(owner, url, parts | {2: b"x" * PART})
    assert complete(owner, url, parts).status_code == 409
    put(owner, url, {2: parts[2]})
    assert complete(owner, url, parts).status_code == 201


def test_part_of_another_length_is_missing(owner: FlaskClient, url: str) -> None:
    parts = pieces(DATA)
    put(owner, url, parts | {3: parts[3] + b"x"})
    assert complete(owner, url).status_code == 409


def test_stored_bytes_of_another_digest_fail_visibly(owner: FlaskClient, studio: Studio, url: str) -> None:
    """Each part may be what its MD5 says and the whole another file than announced: the worker is the first to see."""
    put(owner, url, pieces(DATA[:-1] + b"x"))
    (file,) = complete(owner, url).json["files"]
    assert file["status"] == "failed"
    row = studio.file(file["uuid"])
    assert row.error_code == "original_differs"
    assert "differs from the uploaded file" in (row.error or "")


@pytest.mark.parametrize(
    "parts",
    [
        [{"number": 0, "md5": md5(b"")}],
        [{"number": 4, "md5": md5(b"")}],
        [{"number": 1, "md5": "x"}],
        [{"number": "1", "md5": md5(b"")}],
        [{}],
        ["x"],
        7,
    ],
)
def test_invalid_part_is_refused(owner: FlaskClient, url: str, parts: Any) -> None:
    assert owner.post(f"{url}/parts", json={"parts": parts}, headers=JSON).status_code == 422


def fail(*_args: object, **_kwargs: object) -> Any:
    raise StorageUnavailable("503 from the store", "some/key")


def twice_completed(self: S3Parts, *args: Any) -> Any:
    real_complete(self, *args)
    raise StorageUnavailable("the answer was lost", "some/key")


real_complete: Callable[..., Any] = S3Parts.complete


@pytest.mark.parametrize(
    ("owner_of", "name", "broken"),
    [(S3Parts, "complete", fail), (S3Parts, "complete", twice_completed), (OriginalService, "_commit", fail)],
    ids=["before", "answer lost", "before the row"],
)
def test_completing_can_be_tried_again(
    owner: FlaskClient,
    collection: str,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    owner_of: Any,
    name: str,
    broken: Any,
) -> None:
    put(owner, url, pieces(DATA))
    with monkeypatch.context() as broke:
        broke.setattr(owner_of, name, broken)
        assert complete(owner, url).status_code == 503
    assert announce(owner, collection).json["received"] == len(DATA)
    assert complete(owner, url).status_code == 201


def test_cancelled_upload_leaves_nothing(
    app: Proofsheet, owner: FlaskClient, store: CloudflareR2Storage, url: str
) -> None:
    put(owner, url, {1: pieces(DATA)[1]})
    assert owner.delete(url, headers=JSON).status_code == 204
    assert (left(store), rows(app, Upload)) == ((0, 0), 0)


def test_upload_unknown_to_the_store_starts_again(
    owner: FlaskClient, store: CloudflareR2Storage, collection: str, url: str
) -> None:
    client = client_for(store.settings)
    (lost,) = client.list_multipart_uploads(Bucket=store.settings.bucket)["Uploads"]
    client.abort_multipart_upload(Bucket=store.settings.bucket, Key=lost["Key"], UploadId=lost["UploadId"])
    assert owner.get(url, headers=JSON).status_code == 409
    again = announce(owner, collection)
    assert (again.status_code, again.json["received"]) == (201, 0)


def test_bytes_are_not_taken_by_the_app_in_this_mode(owner: FlaskClient, url: str) -> None:
    headers = JSON | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    assert owner.patch(url, data=b"x", headers=headers).status_code == 409


def test_duplicate_uploaded_first_wins(
    app: Proofsheet, owner: FlaskClient, studio: Studio, store: CloudflareR2Storage, collection: str, url: str,
    queue: ManualQueue,
) -> None:  # fmt: skip
    put(owner, url, pieces(DATA))
    queue.paused = True
    twin = studio.photo(collection, data=DATA)
    (file,) = complete(owner, url).json["files"]
    assert (file["uuid"], file["status"]) == (twin, "duplicate")
    assert (left(store), rows(app, File), rows(app, Upload)) == ((1, 0), 1, 0)


def test_file_whose_original_was_lost_is_restored_through_the_app(
    owner: FlaskClient, studio: Studio, store: CloudflareR2Storage, collection: str
) -> None:
    lost = studio.photo(collection, data=DATA)
    store.delete(studio.file(lost).storage_path)
    studio.change(lost, error_code="object_missing")
    begun = announce(owner, collection).json
    assert begun["mode"] == "chunks"
    headers = JSON | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    assert owner.patch(begun["url"], data=DATA, headers=headers).status_code == 204
    assert complete(owner, begun["url"]).json["files"][0]["uuid"] == lost
    assert store.stat(studio.file(lost).storage_path).size == len(DATA)


def test_sweep_removes_leftovers_and_keeps_running_uploads(
    app: Proofsheet, owner: FlaskClient, store: CloudflareR2Storage, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(owner, url, {1: pieces(DATA)[1]})
    monkeypatch.setattr(CloudflareR2Storage.sweep_leftovers, "__defaults__", (timedelta(hours=-1), ()))
    store.parts.begin("collections/x/killed.jpg", "image/jpeg")
    with app.app_context():
        assert Orphans().sweep_leftovers() == 1
    assert left(store) == (0, 1)


def test_abandoned_parts_are_aborted(app: Proofsheet, owner: FlaskClient, store: CloudflareR2Storage, url: str) -> None:
    put(owner, url, {1: pieces(DATA)[1]})
    with app.app_context():
        db.session.query(Upload).update({"touched_at": utc_now() - timedelta(days=8)})
        db.session.commit()
        assert AbandonedUploads().sweep() == 1
    assert (left(store), rows(app, Upload)) == ((0, 0), 0)


def test_asking_for_addresses_keeps_the_sweep_away(app: Proofsheet, owner: FlaskClient, url: str) -> None:
    with app.app_context():
        db.session.query(Upload).update({"touched_at": utc_now() - timedelta(days=8)})
        db.session.commit()
        owner.post(f"{url}/parts", json=parts_json(pieces(DATA)), headers=JSON)
        assert AbandonedUploads().sweep() == 0
    assert rows(app, Upload) == 1
