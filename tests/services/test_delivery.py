"""How bytes reach the browser: windows of URLs, names of downloads, fallbacks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import delete

from app import Proofsheet
from app.errors import ImageCorrupt
from app.imaging import render
from app.jobs import tasks
from app.jobs.pool import InProcessQueue
from app.models import File, ProcessingStatus, db
from app.services import lookup
from app.services.access.rules import Visitor
from app.services.delivery import Delivery, DeliveryService, LocalFile, Placeholder, attachment, url_window
from app.services.variants.single import SingleVariant
from app.services.variants.store import Original, VariantStore
from tests.support.app import ManualQueue
from tests.support.pictures import jpeg
from tests.support.studio import Studio

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


@pytest.mark.parametrize("milliseconds", [1, 500, 999])
def test_url_of_the_last_second_lives_for_at_least_one_second(milliseconds: int) -> None:
    """Half the lifetime begins in that very second: no store signs a URL that lives for 0 seconds."""
    signed_at, expires_at = url_window(NOON, 7200, NOON + timedelta(milliseconds=milliseconds))
    assert expires_at == NOON
    assert expires_at - signed_at >= timedelta(seconds=1)


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


def variant(app: Proofsheet, uuid: str, *, or_original: bool, name: str = "thumb") -> tuple[Delivery, bool]:
    with app.app_context():
        file = lookup.file_by_uuid(uuid)
        return DeliveryService(Visitor()).variant(file, name, or_original=or_original)


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


def test_failed_file_is_not_requested_again(app: Proofsheet, studio: Studio, queue: ManualQueue) -> None:
    queue.paused = True
    uuid = studio.photo(studio.collection(studio.photographer()))
    queue.submitted.clear()
    studio.change(uuid, processing_status=ProcessingStatus.FAILED)
    delivery, _ = variant(app, uuid, or_original=False)
    assert delivery == Placeholder(preparing=False)
    assert queue.submitted == []


def damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


@pytest.mark.parametrize("harm", [Path.unlink, damage], ids=["vanished", "damaged"])
@pytest.mark.parametrize("name", ["thumb", "medium", "small", "large"])
def test_damaged_variant_is_recreated_when_served(
    app: Proofsheet, studio: Studio, harm: Callable[[Path], None], name: str
) -> None:
    uuid = studio.photo(studio.collection(studio.photographer()), data=jpeg(600, 400))
    first, _ = variant(app, uuid, or_original=True, name=name)
    assert isinstance(first, LocalFile)
    whole = first.path.read_bytes()
    harm(first.path)
    again, exact = variant(app, uuid, or_original=True, name=name)
    assert exact
    assert isinstance(again, LocalFile)
    assert again.path.read_bytes() == whole
    assert studio.file(uuid).has_variants


def test_large_is_made_when_first_asked_for_or_when_the_pool_is_idle(
    app: Proofsheet, studio: Studio, queue: ManualQueue
) -> None:
    collection = studio.collection(studio.photographer())
    asked, left = studio.photo(collection, "a.jpg"), studio.photo(collection, "b.jpg", jpeg(70))
    studio.change(left, size=100_000_000)  # beside which a small picture weighs nothing
    assert (studio.file(left).id, tasks.AHEAD) in queue.background
    assert "large" not in {row.name for row in studio.file(asked).variants}
    assert variant(app, asked, or_original=False, name="large")[1]
    for job in queue.background:
        tasks.run(app, *job)
    assert {"large", "medium", "small", "thumb"} == {row.name for row in studio.file(left).variants}


def test_large_of_a_picture_that_fails_is_not_tried_at_every_request(
    app: Proofsheet, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    uuid = studio.photo(studio.collection(studio.photographer()))
    tried: list[str] = []

    def fail(*_args: object) -> None:
        tried.append("render")
        raise ImageCorrupt("cut short")

    monkeypatch.setattr(render, "render", fail)
    for _ in range(3):
        delivery, exact = variant(app, uuid, or_original=True, name="large")
        assert not exact
        assert isinstance(delivery, LocalFile)
    assert tried == ["render"]


def test_many_visitors_at_once_have_one_large_made(app: Proofsheet, studio: Studio, pool: InProcessQueue) -> None:
    uuid = studio.photo(studio.collection(studio.photographer()), data=jpeg(900, 600))
    made: list[str] = []
    make = SingleVariant._make

    def counted(self: SingleVariant, original: Original, key: str) -> bool:
        made.append(key)
        return make(self, original, key)

    answers: list[bool] = []
    with patch.object(SingleVariant, "_make", counted):
        visitors = [
            threading.Thread(target=lambda: answers.append(variant(app, uuid, or_original=False, name="large")[1]))
            for _ in range(8)
        ]
        for thread in visitors:
            thread.start()
        for thread in visitors:
            thread.join(60)
    assert answers == [True] * 8
    assert made == ["large"]


def test_deleted_file_is_not_resurrected_by_a_variant_under_way(
    app: Proofsheet, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    uuid = studio.photo(studio.collection(studio.photographer()))
    file = studio.file(uuid)
    keep = VariantStore.keep

    def keep_and_lose(self: VariantStore, *args: Any) -> Any:
        kept = keep(self, *args)
        with app.app_context():
            db.session.execute(delete(File))
            db.session.commit()
        return kept

    monkeypatch.setattr(VariantStore, "keep", keep_and_lose)
    with app.app_context():
        assert SingleVariant().make(file.id, "large") is False
    assert not list(Path(app.config["STORAGE_PATH"]).rglob("large_*"))
