"""Received files: stored, checked for duplicates, and restored after a loss."""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import pytest

from app import Proofsheet
from app.integrations.base import StoredObject
from app.integrations.local_storage import LocalStorage
from app.models import File
from app.services import lookup
from app.services.uploads.originals import OriginalService
from tests.support.app import ManualQueue
from tests.support.bin import Bin, names, objects
from tests.support.pictures import jpeg
from tests.support.studio import Studio


def test_original_is_kept_byte_for_byte_with_its_digests(app: Proofsheet, studio: Studio, collection: str) -> None:
    data = jpeg(300, 200)
    uuid = studio.photo(collection, "Löwe & Söhne.JPG", data)
    file = studio.file(uuid)
    assert (Path(app.config["STORAGE_PATH"]) / file.storage_path).read_bytes() == data
    assert (file.sha256, file.crc32, file.size) == (hashlib.sha256(data).hexdigest(), zlib.crc32(data), len(data))
    assert file.original_filename == "Löwe & Söhne.JPG"
    assert file.storage_path == f"collections/{collection}/{file.filename}"


def test_equal_names_get_different_keys(studio: Studio, collection: str) -> None:
    report = studio.upload(collection, ("photo.jpg", jpeg(60)), ("photo.jpg", jpeg(61)), ("photo.png", jpeg(62)))
    files = [studio.file(file.uuid) for file in report.files]
    assert len({file.storage_path for file in files}) == len({file.thumb_path for file in files}) == 3


def test_duplicate_is_reported_and_stored_once(app: Proofsheet, studio: Studio, collection: str) -> None:
    first = studio.photo(collection, "photo.jpg")
    before = objects(app)
    report = studio.upload(collection, ("copy of photo.jpg", jpeg()))
    assert [(file.uuid, file.status, file.name) for file in report.files] == [(first, "duplicate", "photo.jpg")]
    assert objects(app) == before


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


@pytest.mark.parametrize("harm", [Path.unlink, cut], ids=["vanished", "cut"])
def test_original_that_the_store_lost_is_restored_by_its_duplicate(
    app: Proofsheet, studio: Studio, collection: str, harm: Callable[[Path], None]
) -> None:
    uuid = studio.photo(collection)
    path = Path(app.config["STORAGE_PATH"]) / studio.file(uuid).storage_path
    harm(path)
    report = studio.upload(collection, ("photo.jpg", jpeg()))
    assert [(file.uuid, file.status) for file in report.files] == [(uuid, "duplicate")]
    assert path.read_bytes() == jpeg()


def test_picture_without_original_is_prepared_once_it_is_restored(
    app: Proofsheet, studio: Studio, collection: str, queue: ManualQueue
) -> None:
    queue.paused = True
    uuid = studio.photo(collection)
    (Path(app.config["STORAGE_PATH"]) / studio.file(uuid).storage_path).unlink()
    queue.run_due()
    assert studio.file(uuid).processing_status == "failed"
    studio.upload(collection, ("photo.jpg", jpeg()))
    queue.run_due()
    assert studio.file(uuid).processing_status == "completed"


def test_duplicate_that_wins_the_race_leaves_one_object_and_one_row(
    app: Proofsheet, studio: Studio, collection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = studio.photo(collection)
    before = objects(app)
    look = OriginalService._find
    answers = iter([lambda *_: None, look])
    monkeypatch.setattr(OriginalService, "_find", lambda self, *args: next(answers)(self, *args))
    report = studio.upload(collection, ("twin.jpg", jpeg()))
    assert [(file.uuid, file.status) for file in report.files] == [(first, "duplicate")]
    assert objects(app) == before


def test_same_picture_in_another_collection_is_not_a_duplicate(studio: Studio, collection: str) -> None:
    studio.photo(collection)
    other = studio.collection(studio.photographer("grace@example.com"))
    assert studio.upload(other, ("photo.jpg", jpeg())).files[0].status == "completed"


def test_corrupt_picture_is_kept_and_failed_with_a_reason(app: Proofsheet, studio: Studio, collection: str) -> None:
    data = jpeg(400, 300)[:500]
    uuid = studio.photo(collection, "broken.jpg", data)
    file = studio.file(uuid)
    assert file.processing_status == "failed"
    assert file.error
    assert "/" not in file.error
    assert (Path(app.config["STORAGE_PATH"]) / file.storage_path).read_bytes() == data


def test_document_is_stored_and_needs_no_variants(studio: Studio, collection: str) -> None:
    uuid = studio.photo(collection, "contract.pdf", b"%PDF-1.7 ...")
    file = studio.file(uuid)
    assert (file.mime_type, file.processing_status, file.is_image) == ("application/pdf", "completed", False)


@dataclass(frozen=True)
class Delivered:
    """A file that came by another way than an upload."""

    stream: IO[bytes]
    size: int
    sha256: str
    crc32: int
    head: bytes


def test_original_delivered_by_other_means_is_kept_and_queued(
    app: Proofsheet, studio: Studio, collection: str, queue: ManualQueue
) -> None:
    data = jpeg()
    digest = hashlib.sha256(data).hexdigest()
    arrived = Delivered(io.BytesIO(data), len(data), digest, zlib.crc32(data), data[:4096])
    with app.app_context():
        collection_id = lookup.by_uuid(collection).id
        first, second = (OriginalService().keep(collection_id, collection, "photo.jpg", arrived) for _ in range(2))
    assert (first.accepted.status, second.accepted.status) == ("pending", "duplicate")
    assert queue.submitted == [(first.file_id, None)]
    file = studio.file(first.accepted.uuid)
    assert objects(app) == {file.storage_path}
    assert (file.sha256, file.size) == (digest, len(data))


def test_upload_into_a_collection_deleted_during_it_keeps_nothing(
    app: Proofsheet, studio: Studio, collection: str, bin: Bin, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = OriginalService._record

    def delete_first(self: OriginalService, *arguments: Any) -> File:
        bin.delete_collection(collection)
        return original(self, *arguments)

    monkeypatch.setattr(OriginalService, "_record", delete_first)
    report = studio.upload(collection, ("photo.jpg", jpeg()))
    assert not report.files
    assert "was deleted" in report.errors[0].message
    assert objects(app) == set()


def test_upload_is_kept_when_the_winning_duplicate_is_deleted(
    app: Proofsheet, studio: Studio, collection: str, bin: Bin, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = OriginalService._find
    looks: list[str] = []

    def twin_comes_and_goes(self: OriginalService, *arguments: Any) -> Any:
        looks.append("look")
        if len(looks) == 1:
            with monkeypatch.context() as plain:
                plain.setattr(OriginalService, "_find", find)
                looks.append(studio.photo(collection, "twin.jpg"))
            return None  # as it looked before the twin came
        bin.delete_file(looks[1])
        return find(self, *arguments)

    monkeypatch.setattr(OriginalService, "_find", twin_comes_and_goes)
    report = studio.upload(collection, ("photo.jpg", jpeg()))
    assert [file.name for file in report.files] == ["photo.jpg"]
    assert names(app, collection) == ["photo.jpg"]


@pytest.mark.parametrize(
    ("days", "purged"), [(30, False), (0, False), (0, True)], ids=["in the bin", "to be purged", "purged"]
)
def test_lost_original_whose_file_is_deleted_while_it_is_restored_is_kept_as_a_new_file(
    app: Proofsheet,
    studio: Studio,
    collection: str,
    bin: Bin,
    monkeypatch: pytest.MonkeyPatch,
    days: int,
    purged: bool,
) -> None:
    app.config["TRASH_DAYS"] = days
    uuid = studio.photo(collection)
    path = Path(app.config["STORAGE_PATH"]) / studio.file(uuid).storage_path
    path.unlink()
    put = LocalStorage.put

    def delete_meanwhile(self: LocalStorage, key: str, *args: Any, **more: Any) -> StoredObject:
        stored = put(self, key, *args, **more)
        if key.endswith(path.name):
            bin.delete_file(uuid)
            assert not purged or bin.purge()
        return stored

    monkeypatch.setattr(LocalStorage, "put", delete_meanwhile)
    (file,) = studio.upload(collection, ("again.jpg", jpeg())).files
    assert (file.uuid == uuid, file.name) == (False, "again.jpg")
    assert path.exists() is (days > 0)


def test_restored_original_notes_where_the_store_put_it(
    app: Proofsheet, studio: Studio, collection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, other = studio.photo(collection), studio.photo(collection, data=jpeg(70))
    (Path(app.config["STORAGE_PATH"]) / studio.file(lost).storage_path).unlink()
    put = LocalStorage.put
    monkeypatch.setattr(LocalStorage, "put", lambda *args, **more: replace(put(*args, **more), storage_class="COLD"))
    studio.upload(collection, ("photo.jpg", jpeg()))
    assert [studio.file(uuid).storage_class for uuid in (lost, other)] == ["COLD", None]
