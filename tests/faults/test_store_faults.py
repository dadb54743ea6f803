"""What a store does wrong while somebody uploads, pictures are made, visitors look and files are deleted.

Each row says what the person was answered; run with `-s` to see the sentences. Whatever it was, once the fault is over
the app recovers without a request and the invariants hold. boto3 itself tries once here; the second try is ours.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.integrations.s3.settings import R2Settings
from app.jobs import tasks
from app.models import ProcessingStatus
from tests.faults import traps
from tests.faults.conftest import Watched, upload_result
from tests.faults.pictures import photograph
from tests.faults.world import World
from tests.support.faulty_proxy import Proxy

LASTING = 1000
UNAVAILABLE, CORRUPT = "storage_unavailable", "storage_corrupt"
SAFE = (201, "completed")


@pytest.fixture
def settings(settings: dict[str, Any], bucket: R2Settings, proxy: Proxy, tmp_path: Path) -> dict[str, Any]:
    """The store is a bucket, reached through the proxy; what is deleted goes at once."""
    through = World(tmp_path, settings["DATABASE_URL"], replace(bucket, endpoint_url=proxy.url))
    return {**settings, **through.settings(), "VARIANT_WAIT_SECONDS": 20}


@pytest.fixture
def world(tmp_path: Path, settings: dict[str, Any], bucket: R2Settings) -> World:
    """The same bucket, without the proxy."""
    return World(tmp_path, settings["DATABASE_URL"], bucket)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """No pauses, short time-outs, and a list of what is stored."""
    usual = R2Settings.from_mapping

    def from_mapping(config: Any) -> R2Settings:
        return replace(usual(config), max_attempts=1, retry_pause_seconds=0, read_timeout_seconds=0.5)

    monkeypatch.setattr(R2Settings, "from_mapping", from_mapping)
    traps.list_puts(world.ledger, monkeypatch.setattr)


# fault, request -> the answer to the uploader when it happens once, and when it lasts
AT_UPLOAD = [
    ("fault", "PUT", SAFE, (422, UNAVAILABLE)),
    ("unavailable", "PUT", SAFE, (422, UNAVAILABLE)),
    ("slow_down", "PUT", SAFE, (422, UNAVAILABLE)),
    ("late", "PUT", SAFE, SAFE),
    ("stall", "PUT", SAFE, (422, UNAVAILABLE)),
    ("reset", "PUT", SAFE, (422, UNAVAILABLE)),
    ("lose", "PUT", SAFE, SAFE),  # it is stored, and known again by its mark
    ("shorten", "PUT", (422, CORRUPT), (422, CORRUPT)),
    ("corrupt", "PUT", (422, CORRUPT), (422, CORRUPT)),
    ("unavailable", "HEAD", SAFE, (422, UNAVAILABLE)),
    ("reset", "HEAD", SAFE, (422, UNAVAILABLE)),
    ("denied", "PUT", (422, UNAVAILABLE), (422, UNAVAILABLE)),
]


@pytest.mark.parametrize("lasts", [False, True], ids=["once", "lasting"])
@pytest.mark.parametrize(("kind", "method", "once", "lasting"), AT_UPLOAD)
def test_a_fault_while_an_original_is_stored(
    house: Watched, proxy: Proxy, kind: str, method: str, once: Any, lasting: Any, lasts: bool
) -> None:
    collection, data = house.client.collection(), photograph()
    proxy.spoil(kind, method, times=LASTING if lasts else 1)
    assert upload_result(house, collection, data) == (lasting if lasts else once)
    proxy.faults.clear()
    assert upload_result(house, collection, data)[0] == 201
    assert house.breaches_after_recovery() == []


# fault, request, part of the key -> the state of the row, and what the page is told
AT_GENERATION = [
    ("fault", "GET", "", ProcessingStatus.RETRYING, UNAVAILABLE),
    ("unavailable", "GET", "", ProcessingStatus.RETRYING, UNAVAILABLE),
    ("slow_down", "GET", "", ProcessingStatus.RETRYING, UNAVAILABLE),
    ("late", "GET", "", ProcessingStatus.COMPLETED, None),
    ("stall", "GET", "", ProcessingStatus.RETRYING, UNAVAILABLE),
    ("reset", "GET", "", ProcessingStatus.RETRYING, UNAVAILABLE),
    ("truncate", "GET", "", ProcessingStatus.RETRYING, UNAVAILABLE),
    ("break_off", "GET", "", ProcessingStatus.RETRYING, UNAVAILABLE),
    ("fault", "PUT", "/variants/", ProcessingStatus.RETRYING, UNAVAILABLE),
    ("slow_down", "PUT", "/variants/", ProcessingStatus.RETRYING, UNAVAILABLE),
    ("late", "PUT", "/variants/", ProcessingStatus.COMPLETED, None),
    ("reset", "PUT", "/variants/medium_", ProcessingStatus.RETRYING, UNAVAILABLE),
    ("lose", "PUT", "/variants/", ProcessingStatus.COMPLETED, None),
    ("shorten", "PUT", "/variants/thumb_", ProcessingStatus.RETRYING, CORRUPT),
]


@pytest.mark.parametrize(("kind", "method", "part", "state", "code"), AT_GENERATION)
def test_a_fault_while_variants_are_made(
    house: Watched, proxy: Proxy, kind: str, method: str, part: str, state: ProcessingStatus, code: str | None
) -> None:
    collection = house.client.collection()
    proxy.spoil(kind, method, part, LASTING)
    assert upload_result(house, collection, photograph()) == (201, state)
    (uuid,) = house.world.uuids()
    assert house.row(uuid).error_code == code
    assert house.http.get(f"/collections/files/{uuid}/thumbnail") == 302
    proxy.faults.clear()
    assert house.breaches_after_recovery() == []
    assert house.row(uuid).processing_status == ProcessingStatus.COMPLETED


def test_lasting_fault_becomes_a_visible_failure(house: Watched, proxy: Proxy) -> None:
    proxy.spoil("unavailable", "GET", times=LASTING)
    collection = house.client.collection()
    upload_result(house, collection, photograph())
    assert house.breaches_after_recovery() == []
    (shown,) = house.http.answer(f"/collections/{collection}/status").get_json()["files"]
    print(shown["status"], shown["reason"])
    assert (shown["status"], bool(shown["reason"])) == ("failed", True)


@pytest.mark.parametrize("kind", ["fault", "slow_down", "stall", "reset", "truncate"])
def test_a_fault_while_a_visitor_waits_for_a_variant(
    house: Watched, proxy: Proxy, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "ON_DEMAND", ())  # the idle pool would make it before the store is spoilt
    collection = house.client.collection()
    upload_result(house, collection, photograph())
    (uuid,) = house.world.uuids()
    proxy.spoil(kind, "GET", times=LASTING)
    first = house.http.answer(f"/collections/files/{uuid}/variants/large")
    assert (first.status_code, first.mimetype) == (202, "image/svg+xml")
    assert first.headers["Cache-Control"] == "no-store"
    proxy.faults.clear()
    house.world.let_time_pass()
    assert "/variants/large_" in house.http.answer(f"/collections/files/{uuid}/variants/large").location
    assert house.breaches_after_recovery() == []


@pytest.mark.parametrize("kind", ["fault", "slow_down", "stall", "reset", "lose"])
def test_a_fault_while_a_file_is_deleted(house: Watched, proxy: Proxy, kind: str) -> None:
    collection = house.client.collection()
    upload_result(house, collection, photograph())
    (uuid,) = house.world.uuids()
    proxy.spoil(kind, "DELETE", times=LASTING)
    house.client.delete_file(uuid)
    assert house.http.get(f"/collections/files/{uuid}/original") == 404
    proxy.faults.clear()
    assert house.breaches_after_recovery() == []


def test_copy_that_cannot_be_removed_does_not_fail_the_duplicate(
    house: Watched, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection, data = house.client.collection(), photograph()

    def around(function: Any) -> Any:
        def overtaken(*arguments: Any, **named: Any) -> Any:
            patch.undo()
            upload_result(house, collection, data)
            return function(*arguments, **named)

        return overtaken

    with monkeypatch.context() as patch:
        traps.wrap("app.services.storage_service:StorageService.upload_file", around, patch.setattr)
        proxy.spoil("unavailable", "DELETE", times=LASTING)
        assert upload_result(house, collection, data) == (201, "duplicate")
    proxy.faults.clear()
    assert house.breaches_after_recovery() == []
