"""Abandoned uploads, uploads of a purged collection, and partial files without a row."""

from __future__ import annotations

import hashlib
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from app import Proofsheet
from app.errors import AppError, StorageUnavailable
from app.jobs import tasks
from app.models import Lease, Upload, db, utc_now
from app.services import lookup
from app.services.storage_service import StorageService
from app.services.trash.deletion import DeletionService
from app.services.trash.purge import PurgeService
from app.services.uploads import abandoned, rows
from app.services.uploads.abandoned import AbandonedUploads
from app.services.uploads.resumable import ResumableService
from app.services.uploads.rows import Announced
from tests.support.studio import Studio

WEEK = timedelta(days=7)


@pytest.fixture
def owner_id(studio: Studio) -> int:
    return studio.photographer("grace@example.com")


@pytest.fixture
def place(studio: Studio, owner_id: int) -> str:
    """The uuid of a collection."""
    return studio.collection(owner_id)


def begin(app: Proofsheet, place: str, owner_id: int, name: str, age: timedelta = timedelta()) -> str:
    """The uuid of an upload of which half arrived so long ago."""
    announced = Announced(name, 10, hashlib.sha256(name.encode()).hexdigest())
    with app.app_context():
        service = ResumableService()
        begun = service.begin(lookup.by_uuid(place).id, owner_id, announced).progress
        assert begun is not None
        upload = rows.by_uuid(begun.uuid)
        service.receive(upload.id, 0, [b"12345"])
        db.session.get_one(Upload, upload.id).touched_at = utc_now() - age
        db.session.commit()
        return begun.uuid


def left(app: Proofsheet) -> tuple[set[str], set[str]]:
    """The uploads that have a row, and those that have bytes."""
    with app.app_context():
        return set(db.session.scalars(db.select(Upload.uuid))), {
            path.stem for path in Path(app.config["SPOOL_PATH"]).rglob("*.part")
        }


def test_sweep_removes_uploads_idle_for_a_week(app: Proofsheet, place: str, owner_id: int) -> None:
    begin(app, place, owner_id, "old.jpg", WEEK + timedelta(minutes=1))
    young = begin(app, place, owner_id, "young.jpg", WEEK - timedelta(minutes=1))
    tasks.sweep(app, 10)
    assert left(app) == ({young}, {young})


def test_sweep_looks_every_ten_minutes_only(app: Proofsheet, place: str, owner_id: int) -> None:
    with app.app_context():
        AbandonedUploads().sweep()
    old = begin(app, place, owner_id, "old.jpg", WEEK * 2)
    with app.app_context():
        assert AbandonedUploads().sweep() == 0
        db.session.query(Lease).update({"expires_at": utc_now()})
        db.session.commit()
        assert AbandonedUploads().sweep() == 1
    assert old not in left(app)[0]


def test_sending_on_keeps_the_sweep_away(app: Proofsheet, place: str, owner_id: int) -> None:
    uuid = begin(app, place, owner_id, "slow.jpg", WEEK * 2)
    with app.app_context():
        ResumableService().receive(rows.by_uuid(uuid).id, 5, [b"6"])
        assert AbandonedUploads().sweep() == 0
    assert left(app) == ({uuid}, {uuid})


def test_bytes_without_a_row_go_after_a_day(app: Proofsheet, place: str, owner_id: int) -> None:
    uuid = begin(app, place, owner_id, "kept.jpg")
    folder = Path(app.config["SPOOL_PATH"]) / "uploads"
    now = time.time()
    for name, hours in (("old", 25), ("fresh", 23), (uuid, 25)):
        (folder / f"{name}.part").write_bytes(b"x")
        os.utime(folder / f"{name}.part", (now - hours * 3600,) * 2)
    with app.app_context():
        assert AbandonedUploads().sweep() == 1
    assert left(app)[1] == {uuid, "fresh"}


def test_announcing_again_keeps_the_sweep_away(app: Proofsheet, place: str, owner_id: int) -> None:
    uuid = begin(app, place, owner_id, "slow.jpg", WEEK * 2)
    with app.app_context():
        announced = Announced("slow.jpg", 10, hashlib.sha256(b"slow.jpg").hexdigest())
        ResumableService().begin(lookup.by_uuid(place).id, owner_id, announced)
        assert AbandonedUploads().sweep() == 0
    assert left(app) == ({uuid}, {uuid})


def test_sweep_removes_the_oldest_of_too_many(
    app: Proofsheet, place: str, owner_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(abandoned, "BATCH", 1)
    begin(app, place, owner_id, "oldest.jpg", WEEK * 3)
    old = begin(app, place, owner_id, "old.jpg", WEEK * 2)
    with app.app_context():
        assert AbandonedUploads().sweep() == 1
    assert left(app)[0] == {old}


class Bucket:
    """A store with an upload in parts, which may not answer."""

    backend = "r2"

    def __init__(self, error: AppError | None) -> None:
        self.error = error
        self.aborted: list[tuple[str, str]] = []
        self.deleted: list[str] = []

    def parts(self, backend: str) -> Bucket:
        """Itself."""
        return self

    named = parts

    def abort(self, key: str, upload_id: str) -> None:
        """Note the upload, or fail."""
        if self.error:
            raise self.error
        self.aborted.append((key, upload_id))

    def delete(self, key: str) -> None:
        """Note the key."""
        self.deleted.append(key)


@pytest.mark.parametrize(
    ("error", "removed"), [(None, 1), (StorageUnavailable("503"), 0)], ids=["answers", "does not answer"]
)
def test_parts_are_aborted_at_the_given_store_or_kept_for_the_next_sweep(
    app: Proofsheet, place: str, owner_id: int, error: AppError | None, removed: int
) -> None:
    uuid = begin(app, place, owner_id, "old.jpg", WEEK * 2)
    bucket = Bucket(error)
    with app.app_context():
        parts = {"storage_backend": "r2", "storage_path": "a/key", "multipart_id": "an id", "part_size": 5}
        db.session.query(Upload).update(parts)
        db.session.commit()
        assert AbandonedUploads(cast(StorageService, bucket)).sweep() == removed
    assert (bucket.aborted, bucket.deleted) == (([("a/key", "an id")], ["a/key"]) if removed else ([], []))
    assert left(app)[0] == (set() if removed else {uuid})


def test_purged_collection_takes_its_uploads_along(
    app: Proofsheet, place: str, owner_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(abandoned, "BATCH", 1)
    begin(app, place, owner_id, "one.jpg")
    begin(app, place, owner_id, "two.jpg")
    app.config["TRASH_DAYS"] = 0
    with app.app_context():
        DeletionService().delete_collection(lookup.by_uuid(place).id, owner_id)
        PurgeService().purge_due()
    assert left(app) == (set(), set())


def test_collection_in_the_bin_keeps_its_uploads(app: Proofsheet, place: str, owner_id: int) -> None:
    uuid = begin(app, place, owner_id, "one.jpg")
    with app.app_context():
        DeletionService().delete_collection(lookup.by_uuid(place).id, owner_id)
        PurgeService().purge_due()
        AbandonedUploads().sweep()
    assert left(app) == ({uuid}, {uuid})
