"""Variants are made, stored and recorded, and failures are reported."""

from __future__ import annotations

import errno
import io
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from PIL import Image

from app import Proofsheet
from app.errors import StorageUnavailable
from app.imaging import render, variants
from app.integrations.local_storage import LocalStorage
from app.models import File, ProcessingStatus, db
from app.services.collections.capture_time import wall_clock
from app.services.thumbnail_service import ThumbnailService
from app.services.variants import claims, store
from tests.support.app import ManualQueue
from tests.support.pictures import jpeg
from tests.support.studio import Studio

UPLOAD_NAMES = {spec.name for spec in variants.AT_UPLOAD}


@pytest.fixture
def waiting(app: Proofsheet, studio: Studio, queue: ManualQueue) -> str:
    """The uuid of a photograph that has no variants yet."""
    queue.paused = True
    return studio.photo(studio.collection(studio.photographer()), data=jpeg(1600, 1000))


def generate(app: Proofsheet, uuid: str) -> dict[str, Any]:
    with app.app_context():
        return ThumbnailService().generate_all_variants(db.session.query(File).filter_by(uuid=uuid).one())


def object_at(app: Proofsheet, key: str | None) -> bytes:
    assert key
    return (Path(app.config["STORAGE_PATH"]) / key).read_bytes()


def test_variants_are_stored_beside_the_original_and_recorded(app: Proofsheet, studio: Studio, waiting: str) -> None:
    result = generate(app, waiting)
    file = studio.file(waiting)
    assert result["success"]
    assert result["file_uuid"] == waiting
    assert set(result["variants_generated"]) == UPLOAD_NAMES
    assert file.thumb_path == f"{Path(file.storage_path).parent}/variants/thumb_{file.uuid}.jpg"
    assert file.medium_path == f"{Path(file.storage_path).parent}/variants/medium_{file.uuid}.jpg"
    assert Image.open(io.BytesIO(object_at(app, file.thumb_path))).size == (200, 200)
    assert Image.open(io.BytesIO(object_at(app, file.medium_path))).size == (1200, 750)
    assert {(v.name, len(object_at(app, v.path))) for v in file.variants} == {(v.name, v.size) for v in file.variants}
    assert (file.width, file.height, file.processing_status) == (1600, 1000, "completed")


def test_completed_file_is_not_processed_again(app: Proofsheet, waiting: str, studio: Studio) -> None:
    generate(app, waiting)
    before = studio.file(waiting).completed_at
    again = generate(app, waiting)
    assert (again["success"], again["variants_generated"]) == (True, [])
    assert studio.file(waiting).completed_at == before


def test_camera_raw_without_a_picture_inside_becomes_a_document(studio: Studio) -> None:
    raf = b"FUJIFILMCCD-RAW 0201" + b"\x5a" * 4000
    file = studio.file(studio.photo(studio.collection(studio.photographer()), "DSC_1.RAF", raf))
    assert (file.processing_status, file.is_image, file.error) == ("completed", False, None)
    assert file.original_filename == "DSC_1.RAF"


def test_damage_of_a_picture_is_recorded_with_its_variants(app: Proofsheet, studio: Studio) -> None:
    whole = jpeg(400, 300, quality=98)
    uuid = studio.photo(studio.collection(studio.photographer()), data=whole[: len(whole) // 2])
    file = studio.file(uuid)
    assert (file.processing_status, {row.name for row in file.variants}) == ("completed", UPLOAD_NAMES)
    percent = (file.metadata_json or {})["missing_percent"]
    assert 25 <= percent <= 75
    process_again(app, uuid)
    assert (studio.file(uuid).metadata_json or {})["missing_percent"] == percent


def test_recorded_damage_is_cleared_once_the_picture_is_complete(app: Proofsheet, studio: Studio) -> None:
    uuid = studio.photo(studio.collection(studio.photographer()), data=jpeg(400)[:-2])
    assert "missing_percent" not in (studio.file(uuid).metadata_json or {})
    studio.change(uuid, metadata_json={"missing_percent": 20})
    process_again(app, uuid)
    assert "missing_percent" not in (studio.file(uuid).metadata_json or {})


def process_again(app: Proofsheet, uuid: str) -> None:
    with app.app_context():
        for name in UPLOAD_NAMES:
            store.forget(db.session.query(File).filter_by(uuid=uuid).one().id, name)
    assert generate(app, uuid)["success"]


def test_missing_variants_of_a_completed_file_are_created(app: Proofsheet, waiting: str, studio: Studio) -> None:
    generate(app, waiting)
    with app.app_context():
        store.forget(studio.file(waiting).id, "small")
    assert generate(app, waiting)["success"]
    assert {row.name for row in studio.file(waiting).variants} == UPLOAD_NAMES


def test_small_picture_is_never_enlarged(app: Proofsheet, studio: Studio) -> None:
    uuid = studio.photo(studio.collection(studio.photographer()), data=jpeg(90, 60))
    sizes = {v.name: (v.width, v.height) for v in studio.file(uuid).variants}
    assert sizes["medium"] == (90, 60)
    assert sizes["thumb"] == (60, 60)


def test_file_that_is_not_an_image_has_no_variants(app: Proofsheet, studio: Studio) -> None:
    uuid = studio.photo(studio.collection(studio.photographer()), "notes.txt", b"hello")
    result = generate(app, uuid)
    assert result["success"] is False
    assert "not a picture" in result["error"]


def refuse_keys(monkeypatch: pytest.MonkeyPatch, part: str, times: int) -> list[str]:
    """Make the store refuse keys with this part, so many times; returns the list of refused keys."""
    put, refused = LocalStorage.put, []

    def flaky(self: LocalStorage, key: str, stream: BinaryIO, *args: Any, **more: Any) -> Any:
        if part in key and len(refused) < times:
            refused.append(key)
            raise StorageUnavailable("503", key)
        return put(self, key, stream, *args, **more)

    monkeypatch.setattr(LocalStorage, "put", flaky)
    return refused


def test_upload_of_a_variant_is_tried_twice(
    app: Proofsheet, studio: Studio, waiting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = refuse_keys(monkeypatch, "medium_", times=1)
    assert generate(app, waiting)["success"]
    assert len(refused) == 1


def test_one_variant_that_fails_leaves_the_others(
    app: Proofsheet, studio: Studio, waiting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_keys(monkeypatch, "medium_", times=99)
    result = generate(app, waiting)
    file = studio.file(waiting)
    assert result["success"] is False
    assert "medium" not in result["variants_generated"]
    assert file.thumb_path
    assert file.medium_path is None
    assert file.processing_status == ProcessingStatus.RETRYING
    assert file.next_attempt_at is not None


def test_retry_after_a_fault_completes_the_file(
    app: Proofsheet, studio: Studio, queue: ManualQueue, waiting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_keys(monkeypatch, "medium_", times=2)
    queue.run_due()
    assert studio.file(waiting).processing_status == ProcessingStatus.RETRYING
    queue.run_due()
    assert studio.file(waiting).attempts == 1, "a retry must wait for its time"
    studio.change(waiting, next_attempt_at=claims.utc_now())
    queue.run_due()
    file = studio.file(waiting)
    assert (file.processing_status, file.attempts, file.error) == ("completed", 2, None)


def test_leftover_of_a_killed_attempt_is_replaced(app: Proofsheet, studio: Studio, waiting: str) -> None:
    file = studio.file(waiting)
    leftover = Path(app.config["STORAGE_PATH"]) / ThumbnailService._generate_variant_path(file.storage_path, "thumb")
    leftover.parent.mkdir(parents=True)
    leftover.write_bytes(b"half a thumb")
    assert generate(app, waiting)["success"]
    assert Image.open(io.BytesIO(leftover.read_bytes())).size == (200, 200)


def test_missing_original_is_a_visible_failure(app: Proofsheet, studio: Studio, waiting: str) -> None:
    (Path(app.config["STORAGE_PATH"]) / studio.file(waiting).storage_path).unlink()
    assert generate(app, waiting)["success"] is False
    file = studio.file(waiting)
    assert (file.processing_status, file.error_code) == ("failed", "object_missing")


def test_work_of_a_worker_whose_claim_was_lost_is_not_recorded(app: Proofsheet, studio: Studio, waiting: str) -> None:
    with app.app_context():
        service = ThumbnailService()
        claim = claims.acquire(studio.file(waiting).id)
        assert claim
        studio.change(waiting, lease_token="somebody else's")
        outcome = service._work(claim)
    assert outcome.error is not None
    assert studio.file(waiting).thumb_path is None


def test_batch_counts_results(app: Proofsheet, studio: Studio, queue: ManualQueue) -> None:
    queue.paused = True
    collection = studio.collection(studio.photographer())
    names = [studio.photo(collection, f"{n}.jpg", jpeg(300 + n)) for n in range(5)]
    broken = studio.photo(collection, "broken.jpg", jpeg(400)[:400])
    with app.app_context():
        files = db.session.query(File).order_by(File.id).all()
        report = ThumbnailService().batch_generate_variants(files, max_workers=3)
    assert (report["total"], report["successful"], report["failed"]) == (6, 5, 1)
    assert [result["file_uuid"] for result in report["results"]] == [*names, broken]
    assert all(studio.file(uuid).has_variants for uuid in names)


def test_batch_continues_after_a_missing_file(app: Proofsheet, studio: Studio, queue: ManualQueue) -> None:
    queue.paused = True
    collection = studio.collection(studio.photographer())
    gone, there = (studio.photo(collection, f"{n}.jpg", jpeg(300 + n)) for n in range(2))
    with app.app_context():
        files = db.session.query(File).order_by(File.id).all()
        with app.app_context():
            db.session.delete(db.session.get_one(File, files[0].id))
            db.session.commit()
        report = ThumbnailService().batch_generate_variants(files)
        assert ThumbnailService().batch_generate_variants([])["total"] == 0
    assert (report["total"], report["successful"], report["failed"]) == (2, 1, 1)
    assert [result["file_uuid"] for result in report["results"]] == [gone, there]
    assert "error" in report["results"][0]


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P", "CMYK", "L", "I;16"])
@pytest.mark.parametrize(
    ("size", "crop", "expected"), [((200, 200), True, (200, 200)), ((120, None), False, (120, 80))]
)
def test_resize_takes_every_mode(
    mode: str, size: tuple[int | None, int | None], crop: bool, expected: tuple[int, int]
) -> None:
    out = ThumbnailService._resize_image(Image.new(mode, (600, 400)), size, 85, crop_to_fit=crop)
    small = Image.open(out)
    assert (small.format, small.size) == ("JPEG", expected)
    assert small.mode in ("RGB", "L")
    assert small.info.get("progressive")


@pytest.mark.parametrize(
    ("arguments", "named", "expected"),
    [
        ((300, 85), {}, (300, 200)),
        ((), {"target_size": 300, "quality": 85}, (300, 200)),
        ((), {"size": (300, 300), "quality": 85}, (300, 200)),
        ((), {"target_size": (90, 90), "quality": 75, "crop_to_fit": True}, (90, 90)),
        ((90,), {"crop_to_fit": True}, (90, 90)),
    ],
)
def test_resize_takes_one_number_or_two_by_either_name(
    arguments: tuple[Any, ...], named: dict[str, Any], expected: tuple[int, int]
) -> None:
    out = ThumbnailService._resize_image(Image.new("RGB", (600, 400)), *arguments, **named)
    assert Image.open(out).size == expected


@pytest.mark.parametrize("sizes", [{}, {"size": 300, "target_size": 300}])
def test_resize_wants_exactly_one_size(sizes: dict[str, int]) -> None:
    with pytest.raises(TypeError, match="size"):
        ThumbnailService._resize_image(Image.new("RGB", (6, 4)), **sizes)


def test_variant_path_is_the_promised_one() -> None:
    made = ThumbnailService._generate_variant_path("collections/abc/photo.png", "thumb")
    assert made == "collections/abc/variants/thumb_photo.jpg"


def test_full_disk_during_processing_is_recorded_and_retried(
    app: Proofsheet, studio: Studio, waiting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(render, "render", full)
    for attempt in range(1, claims.MAX_ATTEMPTS + 3):
        studio.change(waiting, next_attempt_at=claims.utc_now())
        with app.app_context():
            outcome = ThumbnailService().process(studio.file(waiting).id)
        assert outcome is not None
        assert outcome.error is not None
        assert outcome.error.message == (
            "The server's disk is full. The original is saved; the preview is made once there is space."
        )
        file = studio.file(waiting)
        assert (file.processing_status, file.attempts) == (ProcessingStatus.RETRYING, attempt)


def test_two_cameras_are_ordered_by_the_clock_on_the_wall() -> None:
    summer = timezone(timedelta(hours=2))
    three = datetime(2026, 5, 4, 15, 0)  # noqa: DTZ001  as a camera without an offset writes it
    earlier, later = datetime(2026, 5, 4, 14, 59, tzinfo=summer), datetime(2026, 5, 4, 15, 1, tzinfo=summer)
    kept = [wall_clock(each) for each in (earlier, three, later)]
    assert kept == [datetime(2026, 5, 4, 14, 59, tzinfo=UTC) + timedelta(minutes=n) for n in range(3)]
    assert wall_clock(None) is None
