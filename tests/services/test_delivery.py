"""How bytes reach the browser: windows of URLs, names of downloads, fallbacks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app import Proofsheet
from app.models import ProcessingStatus
from app.services import collection_service
from app.services.delivery import Delivery, DeliveryService, LocalFile, Placeholder, attachment, url_window
from tests.conftest import ManualQueue
from tests.factories import Studio, jpeg

NOON = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("minutes", [0, 1, 29, 59])
def test_url_is_the_same_for_half_its_lifetime(minutes: int) -> None:
    assert url_window(NOON + timedelta(minutes=minutes), 7200, None) == (NOON, NOON + timedelta(hours=2))


@pytest.mark.parametrize("second", range(0, 7200, 601))
def test_url_always_has_half_its_lifetime_left(second: int) -> None:
    now = NOON + timedelta(seconds=second)
    signed_at, expires_at = url_window(now, 7200, None)
    assert signed_at <= now
    assert timedelta(hours=1) <= expires_at - now <= timedelta(hours=2)


def test_url_never_outlives_the_collection() -> None:
    ends_at = NOON + timedelta(minutes=10, microseconds=5)
    assert url_window(NOON, 7200, ends_at)[1] == NOON + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("photo.jpg", "attachment; filename=\"photo.jpg\"; filename*=UTF-8''photo.jpg"),
        ('a"b\\c.jpg', "attachment; filename=\"a_b_c.jpg\"; filename*=UTF-8''a%22b%5Cc.jpg"),
        ("花.jpg", "attachment; filename=\"_.jpg\"; filename*=UTF-8''%E8%8A%B1.jpg"),
    ],
)
def test_download_keeps_the_photographers_name(name: str, header: str) -> None:
    assert attachment(name) == header


def variant(app: Proofsheet, uuid: str, *, or_original: bool) -> tuple[Delivery, bool]:
    with app.app_context():
        file = collection_service.file_by_uuid(uuid)
        return DeliveryService().variant(file, "thumb", or_original=or_original)


def test_variant_that_is_not_there_yet_is_made_while_the_visitor_waits(
    app: Proofsheet, studio: Studio, queue: ManualQueue
) -> None:
    queue.paused = True
    uuid = studio.photo(studio.collection(studio.photographer()))
    queue.paused = False
    delivery, exact = variant(app, uuid, or_original=False)
    assert exact
    assert isinstance(delivery, LocalFile)


@pytest.mark.parametrize(
    ("name", "data", "allowed", "falls_back"),
    [
        ("photo.jpg", jpeg(), True, True),
        ("photo.jpg", jpeg(), False, False),
        ("photo.tif", b"II*\0" + b"\0" * 200, True, False),
    ],
    ids=["may have the original", "may not", "no browser draws it"],
)
def test_fallback_is_the_original_only_where_it_may_and_can_be_shown(
    app: Proofsheet, studio: Studio, queue: ManualQueue, name: str, data: bytes, allowed: bool, falls_back: bool
) -> None:
    queue.paused = True
    uuid = studio.photo(studio.collection(studio.photographer()), name, data)
    delivery, exact = variant(app, uuid, or_original=allowed)
    assert not exact
    assert isinstance(delivery, LocalFile if falls_back else Placeholder)


def test_failed_file_is_not_asked_for_again(app: Proofsheet, studio: Studio, queue: ManualQueue) -> None:
    queue.paused = True
    uuid = studio.photo(studio.collection(studio.photographer()))
    queue.submitted.clear()
    studio.change(uuid, processing_status=ProcessingStatus.FAILED)
    delivery, _ = variant(app, uuid, or_original=False)
    assert delivery == Placeholder(preparing=False)
    assert queue.submitted == []


def test_variant_lost_from_the_store_falls_back(app: Proofsheet, studio: Studio) -> None:
    uuid = studio.photo(studio.collection(studio.photographer()))
    thumb = studio.file(uuid).thumb_path
    assert thumb
    (Path(app.config["STORAGE_PATH"]) / thumb).unlink()
    delivery, exact = variant(app, uuid, or_original=True)
    assert not exact
    assert isinstance(delivery, LocalFile)
