"""How bytes reach the browser: presigned URLs, names of downloads, fallbacks."""

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
from app.errors import AppError, Forbidden, ImageCorrupt, NotFound, ObjectMissing, OriginalPreparing
from app.imaging import render
from app.integrations.base import UrlOptions
from app.jobs import tasks
from app.jobs.pool import InProcessQueue
from app.models import File, Privacy, ProcessingStatus, Variant, db, utc_now
from app.services import lookup
from app.services.access.rules import Grant, Link, Visitor
from app.services.delivery import files as deliveries
from app.services.delivery import signing
from app.services.delivery.addresses import attachment
from app.services.delivery.files import Delivery, DeliveryService, LocalFile, Placeholder, Redirect
from app.services.storage_service import EXTENSION
from app.services.variants import private_originals
from app.services.variants.integrity import VariantLocation
from app.services.variants.on_demand import OnDemand
from app.services.variants.single import SingleVariant
from app.services.variants.store import Original, VariantStore
from tests.support.app import ManualQueue
from tests.support.pictures import jpeg
from tests.support.studio import Studio


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("photo.jpg", "attachment; filename=\"photo.jpg\"; filename*=UTF-8''photo.jpg"),
        ('a"b\\c.jpg', "attachment; filename=\"a_b_c.jpg\"; filename*=UTF-8''a%22b%5Cc.jpg"),
        ("a\tb.jpg", "attachment; filename=\"a_b.jpg\"; filename*=UTF-8''a%09b.jpg"),
        ("花.jpg", "attachment; filename=\"_.jpg\"; filename*=UTF-8''%E8%8A%B1.jpg"),
    ],
)
def test_download_keeps_the_photographers_name(name: str, header: str) -> None:
    assert attachment(name) == header


NOON = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)


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


# --- stores elsewhere ----------------------------------------------------------------------


class Bucket:
    """A store elsewhere that notes what it signs; `address` is None where it has no URL."""

    def __init__(self) -> None:
        self.address: str | None = "https://bucket.example/object"
        self.signed: list[dict[str, Any]] = []

    def local_path(self, key: str) -> Path | None:
        return None

    def url(self, key: str, **signed: Any) -> str | None:
        self.signed.append(signed)
        return self.address


@pytest.fixture
def elsewhere(app: Proofsheet, studio: Studio, monkeypatch: pytest.MonkeyPatch) -> str:
    """The uuid of a photo in a private collection whose bytes are in a Bucket; it is noon."""
    uuid = studio.photo(studio.collection(studio.photographer(), Privacy.PRIVATE))
    studio.change(uuid, storage_backend="r2")
    app.extensions[EXTENSION]["r2"] = Bucket()
    monkeypatch.setattr(signing, "utc_now", lambda: NOON)
    return uuid


@pytest.fixture
def bucket(app: Proofsheet, elsewhere: str) -> Bucket:
    """The store of that photo."""
    found = app.extensions[EXTENSION]["r2"]
    assert isinstance(found, Bucket)
    return found


def after(seconds: int | None) -> datetime | None:
    """So long after noon."""
    return None if seconds is None else NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("link", "collection", "lifetime", "max_age"),
    [
        (None, None, 7200, 7140),
        (600, None, 600, 540),
        (600, 300, 300, 240),
        (0, 300, 300, 240),  # what ends now no longer counts
        (600, 0, 600, 540),
        (None, 61, 61, 1),
        (None, 60, 60, 0),
        (None, 30, 30, 0),
    ],
)
def test_url_is_cached_until_a_minute_before_it_expires(
    app: Proofsheet,
    elsewhere: str,
    bucket: Bucket,
    studio: Studio,
    link: int | None,
    collection: int | None,
    lifetime: int,
    max_age: int,
) -> None:
    with app.app_context():
        file = lookup.file_by_uuid(elsewhere)
        file.collection.expires_at = after(collection)
        db.session.commit()
        visitor = Visitor(grants={file.collection.uuid: Grant(link=Link(downloads_allowed=True, ends_at=after(link)))})
        assert DeliveryService(visitor).original(file) == Redirect("https://bucket.example/object", max_age)
    options = UrlOptions("image/jpeg", attachment("photo.jpg"))
    assert bucket.signed == [{"signed_at": NOON, "expires_at": after(lifetime), "options": options}]


def test_url_of_a_variant_saves_nothing(app: Proofsheet, elsewhere: str, bucket: Bucket) -> None:
    assert variant(app, elsewhere, or_original=False) == (Redirect("https://bucket.example/object", 7140), True)
    assert [signed["options"] for signed in bucket.signed] == [UrlOptions("image/jpeg", None)]


def test_original_without_file_and_url_is_missing(app: Proofsheet, elsewhere: str, bucket: Bucket) -> None:
    bucket.address = None
    with app.app_context(), pytest.raises(ObjectMissing):
        DeliveryService(Visitor()).original(lookup.file_by_uuid(elsewhere))


# --- originals and older variants ----------------------------------------------------------


@pytest.mark.parametrize("column", ["sha256", "uuid"])
def test_original_is_tagged_with_its_digest_or_its_uuid(app: Proofsheet, studio: Studio, column: str) -> None:
    uuid = studio.photo(studio.collection(studio.photographer()))
    if column == "uuid":
        studio.change(uuid, sha256=None)  # as files are that were uploaded before digests
    with app.app_context():
        file = lookup.file_by_uuid(uuid)
        given = DeliveryService(Visitor()).original(file)
        assert isinstance(given, LocalFile)
        assert given.etag == getattr(file, column)


def test_file_that_was_deleted_meanwhile_is_not_handed_out(app: Proofsheet, studio: Studio) -> None:
    uuid = studio.photo(studio.collection(studio.photographer()))
    with app.app_context():
        file = lookup.file_by_uuid(uuid)
        studio.change(uuid, deleted_at=utc_now(), purge_after=utc_now() + timedelta(days=30))
        db.session.rollback()
        with pytest.raises(NotFound):
            DeliveryService(Visitor()).original(file)


PATHS = {"thumb_path": "t.jpg", "thumbnail_path": "older.jpg", "medium_path": "m.jpg"}


@pytest.mark.parametrize(
    ("columns", "name", "path"),
    [
        (PATHS, "thumb", "t.jpg"),
        (PATHS | {"thumb_path": None}, "thumb", "older.jpg"),
        (PATHS, "medium", "m.jpg"),
        (PATHS, "small", None),
        (PATHS, "", None),
        ({}, "thumb", None),
        (PATHS | {"variants": [Variant(name="thumb", path="row.jpg")]}, "thumb", "row.jpg"),
        (PATHS | {"variants": [Variant(name="small", path="row.jpg")]}, "thumb", "t.jpg"),
    ],
)
def test_variant_is_where_its_row_or_else_its_column_says(columns: dict[str, Any], name: str, path: str | None) -> None:
    assert deliveries.location(File(**columns), name) == (VariantLocation(path) if path else None)


# --- what is made while the visitor waits --------------------------------------------------


class Vain(OnDemand):
    """Makes nothing, whatever it says, and notes what it was asked for."""

    def __init__(self, *, answer: bool, reason: str | None = None) -> None:
        super().__init__()
        self.answer, self.reason, self.asked = answer, reason, list[tuple[str, bool]]()

    def make_now(self, file: File, name: str, *, lost: bool) -> bool:
        """Return the answer; a reason is recorded as why the file cannot be cleaned."""
        self.asked.append((name, lost))
        if self.reason:
            file.metadata_json = {private_originals.WITHHELD: self.reason}
            db.session.commit()
        return self.answer


@pytest.mark.parametrize(("answer", "times"), [(True, 2), (False, 1)])
def test_variant_that_is_made_in_vain_is_asked_for_twice(
    app: Proofsheet, studio: Studio, queue: ManualQueue, *, answer: bool, times: int
) -> None:
    queue.paused = True
    uuid = studio.photo(studio.collection(studio.photographer()))
    with app.app_context():
        vain = Vain(answer=answer)
        given = DeliveryService(Visitor(), on_demand=vain).variant(
            lookup.file_by_uuid(uuid), "thumb", or_original=False
        )
        assert vain.asked == [("thumb", False)] * times
    assert given == (Placeholder(preparing=True), False)


@pytest.mark.parametrize(
    ("columns", "reason", "refusal", "times"),
    [
        ({}, None, OriginalPreparing, 1),
        ({}, "It was found out just now.", Forbidden, 1),
        ({"metadata_json": {private_originals.WITHHELD: "It was known."}}, None, Forbidden, 0),
    ],
)
def test_original_that_is_not_cleaned_is_refused(
    app: Proofsheet,
    studio: Studio,
    columns: dict[str, Any],
    reason: str | None,
    refusal: type[AppError],
    times: int,
) -> None:
    uuid = studio.photo(studio.collection(studio.photographer(), hides_location=True))
    studio.change(uuid, **columns)
    with app.app_context():
        vain = Vain(answer=False, reason=reason)
        with pytest.raises(refusal):
            DeliveryService(Visitor(), on_demand=vain).original(lookup.file_by_uuid(uuid))
        assert vain.asked == [(private_originals.NAME, False)] * times


def test_cleaned_original_is_delivered_once_it_is_made(app: Proofsheet, studio: Studio) -> None:
    uuid = studio.photo(studio.collection(studio.photographer(), hides_location=True))
    with app.app_context():
        file = lookup.file_by_uuid(uuid)
        given = DeliveryService(Visitor()).original(file)
        assert isinstance(given, LocalFile)
        assert (given.mime_type, given.download_name) == ("image/jpeg", "photo.jpg")
        assert given.path.name != Path(file.storage_path).name
