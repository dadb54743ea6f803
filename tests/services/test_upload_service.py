"""What becomes of files that are sent."""

from __future__ import annotations

import hashlib
import resource
import signal
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app import Proofsheet, sqlite
from app.errors import SpoolFull, StorageUnavailable, UploadCutShort
from app.integrations.local_storage import LocalStorage
from app.models import File, db
from app.services import collection_service
from app.services.spool import Spool
from app.services.upload_service import IncomingFile, UploadReport, UploadService, display_name, kind_of
from tests.conftest import ManualQueue
from tests.factories import Studio, jpeg


@pytest.fixture
def collection(studio: Studio) -> str:
    """A collection to upload into."""
    return studio.collection(studio.photographer())


def receive(app: Proofsheet, collection_uuid: str, *files: IncomingFile) -> UploadReport:
    with app.app_context():
        collection = collection_service.by_uuid(collection_uuid)
        return UploadService().receive(collection.id, collection_uuid, files)


def stored(app: Proofsheet) -> list[Path]:
    root = Path(app.config["STORAGE_PATH"])
    return sorted(path for path in root.rglob("*") if path.is_file())


def test_original_is_kept_byte_for_byte_with_its_digests(app: Proofsheet, studio: Studio, collection: str) -> None:
    data = jpeg(300, 200)
    uuid = studio.photo(collection, "Löwe & Söhne.JPG", data)
    file = studio.file(uuid)
    assert (Path(app.config["STORAGE_PATH"]) / file.storage_path).read_bytes() == data
    assert (file.sha256, file.crc32, file.size) == (hashlib.sha256(data).hexdigest(), zlib.crc32(data), len(data))
    assert file.original_filename == "Löwe & Söhne.JPG"
    assert file.storage_path == f"collections/{collection}/{file.filename}"


def test_variants_are_ready_in_the_answer_when_there_is_time(studio: Studio, collection: str) -> None:
    report = studio.upload(collection, ("photo.jpg", jpeg()))
    assert [file.status for file in report.files] == ["completed"]


def test_answer_says_pending_when_there_is_no_time(
    app: Proofsheet, studio: Studio, queue: ManualQueue, collection: str
) -> None:
    app.config["VARIANT_WAIT_SECONDS"] = 0
    report = studio.upload(collection, ("photo.jpg", jpeg()))
    assert [file.status for file in report.files] == ["pending"]
    assert len(queue.submitted) == 1


def test_equal_names_never_meet(studio: Studio, collection: str) -> None:
    report = studio.upload(collection, ("photo.jpg", jpeg(60)), ("photo.jpg", jpeg(61)), ("photo.png", jpeg(62)))
    files = [studio.file(file.uuid) for file in report.files]
    assert len({file.storage_path for file in files}) == len({file.thumb_path for file in files}) == 3


def test_duplicate_is_told_and_stored_once(app: Proofsheet, studio: Studio, collection: str) -> None:
    first = studio.photo(collection, "photo.jpg")
    before = stored(app)
    report = studio.upload(collection, ("copy of photo.jpg", jpeg()))
    assert [(file.uuid, file.status, file.name) for file in report.files] == [(first, "duplicate", "photo.jpg")]
    assert stored(app) == before


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


def test_picture_that_failed_for_want_of_its_original_is_prepared_when_that_is_restored(
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


def test_twin_that_wins_the_race_leaves_one_object_and_one_row(
    app: Proofsheet, studio: Studio, collection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = studio.photo(collection)
    before = stored(app)
    look = UploadService._find
    answers = iter([lambda *_: None, look])
    monkeypatch.setattr(UploadService, "_find", lambda self, *args: next(answers)(self, *args))
    report = studio.upload(collection, ("twin.jpg", jpeg()))
    assert [(file.uuid, file.status) for file in report.files] == [(first, "duplicate")]
    assert stored(app) == before


def test_duplicate_within_one_upload_is_told_too(studio: Studio, collection: str) -> None:
    report = studio.upload(collection, ("photo.jpg", jpeg()), ("copy.jpg", jpeg()))
    first, second = report.files
    assert (first.status, second.status) == ("completed", "duplicate")
    assert first.uuid == second.uuid


def test_same_picture_in_another_collection_is_no_duplicate(studio: Studio, collection: str) -> None:
    studio.photo(collection)
    other = studio.collection(studio.photographer("grace@example.com"))
    assert studio.upload(other, ("photo.jpg", jpeg())).files[0].status == "completed"


def cut_short() -> Iterator[bytes]:
    yield b"half"
    raise UploadCutShort("Only part of this file arrived.")


@pytest.mark.parametrize(
    ("chunks", "code"),
    [([], "empty"), ([b""], "empty"), ([b"x" * 600_000] * 2, "too_large"), (cut_short(), "cut_short")],
    ids=["no bytes", "empty bytes", "over the limit", "cut short"],
)
def test_refused_file_leaves_the_others_alone(
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


def test_store_that_refuses_leaves_no_row_and_says_so(
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


@pytest.fixture
def small_disk() -> Iterator[int]:
    """How many bytes the system writes into a file, as on a disk that is nearly full."""
    room, before = 10_000, resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    yield room
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("over", [1, 100, 100_000])
@pytest.mark.parametrize("chunk", [50, 6_000, 200_000])
def test_full_disk_is_told_whichever_byte_meets_it(tmp_path: Path, small_disk: int, over: int, chunk: int) -> None:
    data = b"x" * (small_disk + over)
    with pytest.raises(SpoolFull), Spool(tmp_path, 1) as spool:
        spool.receive(data[start : start + chunk] for start in range(0, len(data), chunk))


def test_corrupt_picture_is_kept_and_failed_with_a_reason(app: Proofsheet, studio: Studio, collection: str) -> None:
    data = jpeg(400, 300)[:3000]
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


@pytest.mark.parametrize(
    ("name", "head", "mime", "extension"),
    [
        ("photo.jpg", jpeg(), "image/jpeg", ".jpg"),
        ("photo.txt", jpeg(), "image/jpeg", ".jpg"),
        ("photo", jpeg(), "image/jpeg", ".jpg"),
        ("fake.jpg", b"<html>not a picture", "image/jpeg", ".jpg"),
        ("DSC_1.NEF", b"II*\0" + bytes(200), "image/x-nikon-nef", ".nef"),
        ("scan.tif", b"II*\0" + bytes(200), "image/tiff", ".tif"),
        ("page.html", b"<html>", "text/html", ".html"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'>", "application/octet-stream", ".svg"),
        ("notes.txt", b"hello", "text/plain", ".txt"),
        ("no extension", b"hello", "application/octet-stream", ""),
        ("odd.ex/../t", b"hello", "application/octet-stream", ""),
    ],
)
def test_pictures_are_known_by_content(name: str, head: bytes, mime: str, extension: str) -> None:
    assert kind_of(head[:4096], name) == (mime, extension)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("photo.jpg", "photo.jpg"),
        ("C:\\Users\\ada\\photo.jpg", "photo.jpg"),
        ("../../etc/passwd", "passwd"),
        ("line\r\nbreak.jpg", "linebreak.jpg"),
        ("\u202egpj.exe", "gpj.exe"),
        ("花嫁 👰.jpg", "花嫁 👰.jpg"),
        ("", "unnamed"),
        ("///", "unnamed"),
        ("x" * 300 + ".jpeg", "x" * 250 + ".jpeg"),
    ],
)
def test_display_name_is_text_to_show(raw: str, shown: str) -> None:
    assert display_name(raw) == shown


def test_locked_database_is_told_and_leaves_what_was_taken(
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
