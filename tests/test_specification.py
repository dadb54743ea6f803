"""The checks named in the specification, on a bucket."""

from __future__ import annotations

import io
from typing import Any

import pytest
import requests
from flask import current_app
from PIL import Image
from sqlalchemy import text

from app import Proofsheet
from app.integrations.file_storage import CloudflareR2Storage
from app.models import Collection, File, Privacy, db
from app.services.storage_service import StorageService
from app.services.thumbnail_service import ThumbnailService
from tests.support.app import ManualQueue
from tests.support.pictures import jpeg
from tests.support.studio import Studio, past

pytestmark = pytest.mark.usefixtures("on_r2")
LANDSCAPE, PORTRAIT = (2400, 1600), (1600, 2400)
TURNED_RIGHT = 6  # EXIF orientation


@pytest.fixture
def wedding(studio: Studio) -> str:
    return studio.collection(studio.photographer())


@pytest.fixture
def waiting(studio: Studio, queue: ManualQueue, wedding: str) -> str:
    """The uuid of a photo without variants."""
    queue.paused = True
    return studio.photo(wedding, "photo.jpg", jpeg(*LANDSCAPE))


def fetched(address: str) -> requests.Response:
    return requests.get(address, timeout=30)


def keys_below(prefix: str) -> list[str]:
    return sorted(entry["key"] for entry in CloudflareR2Storage().list_files(prefix=prefix))


def test_shell_finds_the_columns(app: Proofsheet, waiting: str) -> None:
    with app.app_context():
        file = File.query.first()
        assert file.uuid == waiting
        assert all(hasattr(file, name) for name in ("thumb_path", "medium_path", "thumbnail_path", "preview_path"))
        assert File.query.filter_by(uuid=waiting).first_or_404() is file
        assert Collection.query.filter_by(uuid=file.collection.uuid).one() is file.collection


def test_upload_leaves_an_original_and_its_variants_in_the_bucket(
    app: Proofsheet, studio: Studio, wedding: str
) -> None:
    uuid = studio.photo(wedding, "photo.jpg", jpeg(*LANDSCAPE))
    with app.app_context():
        ThumbnailService().generate_all_variants(File.query.filter_by(uuid=uuid).one())
        assert keys_below(f"collections/{wedding}/") == [
            f"collections/{wedding}/{uuid}.jpg",
            f"collections/{wedding}/variants/medium_{uuid}.jpg",
            f"collections/{wedding}/variants/small_{uuid}.jpg",
            f"collections/{wedding}/variants/thumb_{uuid}.jpg",
        ]
        rows = text("SELECT storage_path IS NOT NULL, thumb_path IS NOT NULL, medium_path IS NOT NULL FROM files")
        assert db.session.execute(rows).all() == [(1, 1, 1)]
        assert all(entry["size"] > 0 for entry in CloudflareR2Storage().list_files(prefix="collections/"))


def test_generation_returns_and_records_its_variants(app: Proofsheet, waiting: str) -> None:
    with app.app_context():
        record = File.query.filter_by(uuid=waiting).one()
        said = ThumbnailService().generate_all_variants(record)
        assert said == {"success": True, "variants_generated": ["medium", "small", "thumb"], "file_uuid": waiting}
        assert record.has_variants
        assert record.thumb_path == f"collections/{record.collection.uuid}/variants/thumb_{waiting}.jpg"
        assert record.medium_path == f"collections/{record.collection.uuid}/variants/medium_{waiting}.jpg"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("contract.pdf", b"%PDF-1.7\n", "not a picture"),
        ("broken.jpg", jpeg()[:20] + b"\0" * 400, "can't be read"),
    ],
)
def test_undecodable_original_is_kept_and_failure_reported(
    app: Proofsheet, studio: Studio, wedding: str, queue: ManualQueue, name: str, data: bytes, words: str
) -> None:
    queue.paused = True
    uuid = studio.photo(wedding, name, data)
    with app.app_context():
        record = File.query.filter_by(uuid=uuid).one()
        said = ThumbnailService().generate_all_variants(record)
        assert not said["success"]
        assert words in said["error"]
        assert fetched(CloudflareR2Storage().generate_presigned_url(record.storage_path)).content == data


def test_batch_counts_results(app: Proofsheet, studio: Studio, queue: ManualQueue, wedding: str) -> None:
    queue.paused = True
    studio.upload(wedding, ("one.jpg", jpeg()), ("two.jpg", jpeg(90)), ("text.pdf", b"%PDF-1.7\n"))
    with app.app_context():
        said = ThumbnailService().batch_generate_variants(File.query.all(), max_workers=3)
        assert (said["total"], said["successful"], said["failed"]) == (3, 2, 1)
        assert [result["success"] for result in said["results"]] == [True, True, False]


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("collections/abc-123/photo.jpg", "collections/abc-123/variants/{}_photo.jpg"),
        ("collections/abc-123/photo.PNG", "collections/abc-123/variants/{}_photo.jpg"),
        ("photo.jpg", "variants/{}_photo.jpg"),
    ],
)
def test_variants_are_stored_in_a_separate_folder(given: str, made: str) -> None:
    for name in ("thumb", "medium"):
        assert ThumbnailService._generate_variant_path(given, name) == made.format(name)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "CMYK", "P", "L", "LA", "1", "I;16"])
def test_resizing_gives_a_progressive_jpeg_at_its_beginning(mode: str) -> None:
    made = ThumbnailService._resize_image(Image.new(mode, LANDSCAPE), (1200, 1200), 85)
    assert made.tell() == 0
    with Image.open(made) as picture:
        assert (picture.format, picture.size) == ("JPEG", (1200, 800))
        assert picture.info["progressive"]


@pytest.mark.parametrize(
    ("size", "crop_to_fit", "made"),
    [
        ((200, 200), True, (200, 200)),
        ((200, 200), False, (200, 133)),
        (300, False, (300, 200)),
        (9999, False, LANDSCAPE),
    ],
)
def test_resizing_keeps_the_shape_and_never_enlarges(size: Any, crop_to_fit: bool, made: tuple[int, int]) -> None:
    data = ThumbnailService._resize_image(Image.new("RGB", LANDSCAPE), size, 85, crop_to_fit=crop_to_fit)
    assert Image.open(data).size == made


def test_phone_photos_are_upright(app: Proofsheet, studio: Studio, wedding: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = TURNED_RIGHT
    uuid = studio.photo(wedding, "phone.jpg", jpeg(*LANDSCAPE, exif=exif.tobytes()))
    with app.app_context():
        ThumbnailService().generate_all_variants(File.query.filter_by(uuid=uuid).one())
        address = CloudflareR2Storage().generate_presigned_url(studio.file(uuid).medium_path or "", expiry_seconds=300)
        width, height = Image.open(io.BytesIO(fetched(address).content)).size
    assert (width, height) == (1200, 1800)
    assert (width < height) == (PORTRAIT[0] < PORTRAIT[1])


@pytest.mark.parametrize(("path", "column"), [("thumbnail", "thumb_path"), ("preview", "medium_path")])
def test_page_is_served_the_variant_by_a_presigned_url(
    app: Proofsheet, studio: Studio, wedding: str, path: str, column: str
) -> None:
    uuid = studio.photo(wedding, "photo.jpg", jpeg(*LANDSCAPE))
    answer = studio.client().get(f"/collections/files/{uuid}/{path}")
    assert answer.status_code == 302
    assert getattr(studio.file(uuid), column) in answer.location
    assert fetched(answer.location).headers["Content-Type"] == "image/jpeg"


def test_preview_falls_back_to_the_original(studio: Studio, waiting: str) -> None:
    answer = studio.client().get(f"/collections/files/{waiting}/preview")
    assert answer.status_code == 302
    assert fetched(answer.location).content == jpeg(*LANDSCAPE)


def test_locked_and_expired_collections_keep_the_preview(studio: Studio) -> None:
    owner = studio.photographer()
    collection = studio.collection(owner, Privacy.PASSWORD)
    locked = studio.photo(collection)
    visitor = studio.client()
    asked = visitor.get(f"/collections/files/{locked}/preview")
    assert asked.location.startswith(f"/collections/{collection}/password")
    expired = studio.photo(studio.collection(owner, expires_at=past()))
    assert visitor.get(f"/collections/files/{expired}/preview").status_code == 410


def test_services_answer_to_their_names(app: Proofsheet) -> None:
    with app.app_context():
        storage = StorageService()
        assert storage.backend == "r2"
        assert storage.r2_storage is current_app.r2_storage
        assert isinstance(storage.r2_storage, CloudflareR2Storage)
        assert callable(storage.upload_file)
        assert callable(storage.upload_image_variant)
