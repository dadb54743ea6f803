"""Uploads by a form."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from app import Proofsheet, sqlite
from app.errors import AppError, FileEmpty, SpoolFull, StorageFull, StorageUnavailable, UploadCutShort
from app.integrations.local_storage import LocalStorage
from app.models import File, db
from app.services import lookup
from app.services.uploads.form import UploadService, public_message
from app.services.uploads.limits import DISK_FULL
from app.services.uploads.receipt import IncomingFile, UploadReport
from tests.support.app import ManualQueue
from tests.support.pictures import jpeg
from tests.support.studio import Studio


def receive(app: Proofsheet, collection_uuid: str, *files: IncomingFile) -> UploadReport:
    with app.app_context():
        collection = lookup.by_uuid(collection_uuid)
        return UploadService().receive(collection.id, collection_uuid, files)


def test_variants_are_ready_in_the_answer_when_there_is_time(studio: Studio, collection: str) -> None:
    report = studio.upload(collection, ("photo.jpg", jpeg()))
    assert [file.status for file in report.files] == ["completed"]


def test_answer_is_pending_when_processing_takes_too_long(
    app: Proofsheet, studio: Studio, queue: ManualQueue, collection: str
) -> None:
    app.config["VARIANT_WAIT_SECONDS"] = 0
    report = studio.upload(collection, ("photo.jpg", jpeg()))
    assert [file.status for file in report.files] == ["pending"]
    assert len(queue.submitted) == 1


def test_duplicate_within_one_upload_is_reported(studio: Studio, collection: str) -> None:
    report = studio.upload(collection, ("photo.jpg", jpeg()), ("copy.jpg", jpeg()))
    first, second = report.files
    assert (first.status, second.status) == ("completed", "duplicate")
    assert first.uuid == second.uuid


def cut_short() -> Iterator[bytes]:
    yield b"half"
    raise UploadCutShort("Only part of this file arrived.")


@pytest.mark.parametrize(
    ("chunks", "code"),
    [([], "empty"), ([b""], "empty"), ([b"x" * 600_000] * 2, "too_large"), (cut_short(), "cut_short")],
    ids=["no bytes", "empty bytes", "over the limit", "cut short"],
)
def test_refused_file_does_not_affect_the_others(
    app: Proofsheet, studio: Studio, collection: str, chunks: Iterator[bytes], code: str
) -> None:
    app.config["MAX_UPLOAD_MB"] = 1
    report = receive(
        app,
        collection,
        IncomingFile("before.jpg", [jpeg(50)]),
        IncomingFile("bad.jpg", chunks),
        IncomingFile("after.jpg", [jpeg(51)]),
    )
    assert [file.name for file in report.files] == ["before.jpg", "after.jpg"]
    assert [(error.name, error.code) for error in report.errors] == [("bad.jpg", code)]
    assert "bad.jpg" not in [file.original_filename for file in rows(app)]


def rows(app: Proofsheet) -> list[File]:
    with app.app_context():
        return list(db.session.query(File))


def test_failing_store_leaves_no_row_and_is_reported(
    app: Proofsheet, studio: Studio, collection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise StorageUnavailable("503 from the store", "some/key")

    monkeypatch.setattr(LocalStorage, "put", refuse)
    report = studio.upload(collection, ("photo.jpg", jpeg()))
    assert report.files == ()
    assert report.errors[0].code == "storage_unavailable"
    assert "not saved" in report.errors[0].message
    assert "key" not in report.errors[0].message
    assert rows(app) == []


def test_locked_database_is_reported_and_keeps_saved_files(
    app: Proofsheet, studio: Studio, collection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 50)
    blocker = sqlite3.connect(app.config["DATABASE_URL"].removeprefix("sqlite:///"), isolation_level=None)

    def locked() -> Iterator[bytes]:
        blocker.execute("BEGIN IMMEDIATE")
        yield jpeg(71)

    def released() -> Iterator[bytes]:
        blocker.rollback()
        yield jpeg(72)

    report = receive(
        app,
        collection,
        IncomingFile("before.jpg", [jpeg(70)]),
        IncomingFile("locked.jpg", locked()),
        IncomingFile("after.jpg", released()),
    )
    blocker.close()
    assert [file.name for file in report.files] == ["before.jpg", "after.jpg"]
    assert [(error.name, error.code) for error in report.errors] == [("locked.jpg", "database_busy")]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (SpoolFull("no space left in /spool"), DISK_FULL),
        (StorageFull("no space left in /storage", "some/key"), DISK_FULL),
        (StorageUnavailable("503 from the store", "some/key"), "The photo store did not take this file"),
        (FileEmpty("This file is empty."), "This file is empty."),
    ],
)
def test_sender_is_told_what_to_do_and_not_where_files_lie(error: AppError, words: str) -> None:
    assert public_message(error).startswith(words)


def test_file_is_kept_under_a_name_to_show(app: Proofsheet, collection: str) -> None:
    report = receive(app, collection, IncomingFile("C:\\Users\\ada\\photo.jpg", [jpeg()]), IncomingFile("a/b.jpg", []))
    assert [file.name for file in report.files] == ["photo.jpg"]
    assert [error.name for error in report.errors] == ["b.jpg"]
