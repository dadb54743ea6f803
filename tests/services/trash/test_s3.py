"""Deleting against a bucket: at moto, and at a real store that checks signatures where S3_TEST_ENDPOINT names one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from app import Proofsheet
from app.integrations.base import FileStorage
from app.integrations.s3.settings import R2Settings
from app.jobs import tasks
from app.models import File, db, utc_now
from app.services.storage_service import StorageService
from app.services.trash.deletion import DeletionService
from app.services.trash.purge import PurgeService
from app.services.variants.store import VariantStore
from tests.services.trash.waiting import DAY, interrupt, make_extra, wait_out
from tests.support.app import ManualQueue
from tests.support.bin import Bin
from tests.support.faulty_proxy import Proxy
from tests.support.pictures import jpeg
from tests.support.s3 import REAL, endpoint, new_bucket, settings_of
from tests.support.studio import Studio


@pytest.fixture(params=["moto", *REAL])
def bucket(request: pytest.FixtureRequest) -> Iterator[R2Settings]:
    """A new, empty bucket."""
    with new_bucket(endpoint(request)) as settings:
        yield settings


@pytest.fixture
def settings(
    settings: dict[str, Any], bucket: R2Settings, idle_proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """Originals in that bucket, reached through a proxy that can be told to fail; one try each."""
    usual = R2Settings.from_mapping
    impatient = {"max_attempts": 1, "retry_pause_seconds": 0}
    monkeypatch.setattr(R2Settings, "from_mapping", lambda config: replace(usual(config), **impatient))
    idle_proxy.aim(bucket.endpoint_url)
    return settings | settings_of(replace(bucket, endpoint_url=idle_proxy.url))


@pytest.fixture
def store(app: Proofsheet) -> FileStorage:
    """The bucket as the app sees it."""
    with app.app_context():
        return StorageService().current


def keys(store: FileStorage) -> set[str]:
    return {item.key for item in store.list()}


def test_nothing_remains_of_a_deleted_file_and_all_of_the_others(
    app: Proofsheet, studio: Studio, bin: Bin, collection: str, store: FileStorage
) -> None:
    studio.photo(collection, "stays.jpg", jpeg(70))
    before = keys(store)
    photo = studio.photo(collection)
    make_extra(app, bin.id_of(photo))
    bin.delete_file(photo)
    wait_out(app)
    assert bin.purge() == 1
    assert (keys(store), bin.rows()) == (before, (1, 1))


def test_nothing_remains_of_a_deleted_collection(
    app: Proofsheet, studio: Studio, bin: Bin, collection: str, store: FileStorage
) -> None:
    for width in range(70, 74):  # 16 objects: two pages of a listing
        studio.photo(collection, f"{width}.jpg", jpeg(width))
    bin.delete_collection(collection)
    wait_out(app)
    assert bin.purge() == 4
    assert (keys(store), bin.rows()) == (set(), (0, 0))


@pytest.mark.parametrize("what", ["file", "collection"])
def test_restored_file_has_the_same_bytes(
    app: Proofsheet, studio: Studio, bin: Bin, collection: str, store: FileStorage, what: str
) -> None:
    data = jpeg(300, 200)
    photo = studio.photo(collection, data=data)
    uuid = photo if what == "file" else collection
    bin.call(f"delete_{what}", uuid, None)
    assert bin.purge() == 0
    bin.call(f"restore_{what}", uuid)
    with store.open(studio.file(photo).storage_path) as stream:
        assert hashlib.sha256(stream.read()).hexdigest() == hashlib.sha256(data).hexdigest()
    assert len(keys(store)) == 4


def test_a_store_that_answers_503_is_asked_again_until_all_is_gone(
    app: Proofsheet, studio: Studio, bin: Bin, collection: str, store: FileStorage, idle_proxy: Proxy
) -> None:
    bin.delete_file(studio.photo(collection))
    idle_proxy.spoil("unavailable", "DELETE", times=1000)
    for _ in range(3):
        wait_out(app)
        assert bin.purge() == 0
        assert bin.purge() == 0  # not tried again before its time
    assert (len(keys(store)), bin.rows()) == (4, (1, 1))
    idle_proxy.faults.clear()
    wait_out(app)
    assert bin.purge() == 1
    assert (keys(store), bin.rows()) == (set(), (0, 1))


@pytest.mark.parametrize("after", [False, True], ids=["rendered", "uploaded"])
def test_running_generation_does_not_restore_a_deleted_file(
    app: Proofsheet,
    studio: Studio,
    bin: Bin,
    queue: ManualQueue,
    collection: str,
    store: FileStorage,
    monkeypatch: pytest.MonkeyPatch,
    after: bool,
) -> None:
    queue.paused = True
    photo = studio.photo(collection)
    file_id = bin.id_of(photo)

    def purge_behind_its_back() -> None:
        with app.app_context():
            DeletionService().delete_file(file_id, None)
            db.session.execute(update(File).values(lease_expires_at=utc_now() - DAY, purge_after=utc_now() - DAY))
            db.session.commit()
            assert PurgeService().purge_due() == 1

    interrupt(monkeypatch, VariantStore, "keep", purge_behind_its_back, after=after)
    tasks.run(app, file_id)
    assert (keys(store), bin.rows()) == (set(), (0, 1))
