"""SQLite locked by another program, PostgreSQL stopped: the responses, and the state after the fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import sqlite
from app.models import ProcessingStatus
from app.services.queue import QUEUE
from tests.faults import traps
from tests.faults.conftest import Watched, upload_result
from tests.faults.databases import Locked, Stopped, Trouble, lasting
from tests.faults.pictures import photograph
from tests.faults.world import World
from tests.support.postgres import Cluster

BUSY = (503, "database_busy")
FINE = (200, "")


@pytest.fixture(params=["sqlite", "postgres"])
def trouble(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trouble]:
    """Each database in turn; little patience with a lock."""
    if request.param == "sqlite":
        monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 100)
        yield Locked(str(tmp_path / "test.db"))
        return
    cluster: Cluster = request.getfixturevalue("postgres_server")
    with cluster.database() as url:
        yield Stopped(cluster, url)


@pytest.fixture
def settings(settings: dict[str, Any], trouble: Trouble) -> dict[str, Any]:
    """That database, with connections kept as they are for people; what is deleted goes at once."""
    return {**settings, "DATABASE_URL": trouble.url, "TRASH_DAYS": 0, "SQLALCHEMY_ENGINE_OPTIONS": {"pool_size": 8}}


@pytest.fixture(autouse=True)
def puts(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """A list of the stored keys."""
    traps.list_puts(world.ledger, monkeypatch.setattr)


def begins_at(step: str, trouble: Trouble, monkeypatch: pytest.MonkeyPatch, *, when: str = "before") -> None:
    """Let the fault begin when the app reaches this step."""

    def around(function: Any) -> Any:
        def troubled(*arguments: Any, **named: Any) -> Any:
            if when == "before":
                trouble.begin()
            result = function(*arguments, **named)
            trouble.begin()
            return result

        return troubled

    traps.wrap(step, around, monkeypatch.setattr)


# what is asked for -> the answers while SQLite is locked, and while PostgreSQL is down
ANSWERS = [
    ("GET", "/collections/{collection}", FINE, BUSY),
    ("GET", "/collections/{collection}/status", FINE, BUSY),
    ("GET", "/collections/files/{file}/thumbnail", FINE, BUSY),
    ("GET", "/collections/files/{file}/original", FINE, BUSY),
    ("POST", "/collections/", BUSY, BUSY),
    ("POST", "/collections/{collection}/upload", (422, "database_busy"), BUSY),
    ("POST", "/collections/files/{file}/delete", BUSY, BUSY),
    ("POST", "/collections/{collection}/delete", BUSY, BUSY),
]


@pytest.mark.parametrize(("method", "path", "locked", "stopped"), ANSWERS)
def test_request_during_database_trouble_gets_an_error(
    house: Watched, trouble: Trouble, method: str, path: str, locked: tuple[int, str], stopped: tuple[int, str]
) -> None:
    collection = house.client.collection()
    upload_result(house, collection, photograph())
    address = path.format(collection=collection, file=house.world.uuids()[0])
    with lasting(trouble):
        assert status_and_code(house, method, address) == (locked if isinstance(trouble, Locked) else stopped)
    assert house.breaches_after_recovery() == []


def status_and_code(house: Watched, method: str, address: str) -> tuple[int, str]:
    """The status of the answer and its error code."""
    if method == "GET":
        answer = house.http.answer(address)
        status, said = answer.status_code, answer.get_json(silent=True)
    else:
        files = [("photo.jpg", photograph())] if address.endswith("/upload") else []
        status, said = house.http.post(address, {"title": "Another", "privacy": "public"}, files)
    errors = [said["error"]] if said and "error" in said else (said or {}).get("errors", []) if status >= 400 else []
    print(status, *(f"{error['code']}: {error['message']}" for error in errors))
    return status, errors[0]["code"] if errors else ""


# where in an upload it begins, when the request was let in -> the answer
DURING_UPLOAD = [
    ("app.services.uploads.spool:Spool.receive", "before", (422, "database_busy")),
    ("app.services.storage_service:StorageService.upload_file", "after", (422, "database_busy")),
    ("app.services.uploads.originals:OriginalService.enqueue", "before", (201, "pending")),
]


@pytest.mark.parametrize(("step", "when", "expected"), DURING_UPLOAD)
def test_upload_interrupted_by_database_trouble_is_refused_or_kept(
    house: Watched, trouble: Trouble, monkeypatch: pytest.MonkeyPatch, step: str, when: str, expected: tuple[int, str]
) -> None:
    collection, data = house.client.collection(), photograph()
    with monkeypatch.context() as patch, lasting(trouble, begun=False):
        begins_at(step, trouble, patch, when=when)
        assert upload_result(house, collection, data) == expected
    assert upload_result(house, collection, data)[0] == 201
    assert house.breaches_after_recovery() == []


@pytest.mark.parametrize("trouble", ["postgres"], indirect=True)  # SQLite's lock is held by the upload then
def test_upload_whose_commit_fails_is_not_acknowledged(
    house: Watched, trouble: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection, data = house.client.collection(), photograph()
    with monkeypatch.context() as patch, lasting(trouble, begun=False):
        begins_at("app.services.uploads.originals:accepted_as", trouble, patch, when="after")
        assert upload_result(house, collection, data) == (422, "database_busy")
    assert upload_result(house, collection, data) == (201, "completed")
    assert house.breaches_after_recovery() == []


def test_files_kept_before_the_trouble_are_acknowledged(
    house: Watched, trouble: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection = house.client.collection()
    with monkeypatch.context() as patch, lasting(trouble, begun=False):
        begins_at("app.services.uploads.originals:OriginalService.enqueue", trouble, patch)
        files = [(f"{number}.jpg", photograph()) for number in range(2)]
        status, answer = house.http.post(f"/collections/{collection}/upload", {}, files)
    print(status, answer)
    assert (status, [error["code"] for error in answer["errors"]]) == (201, ["database_busy"])
    assert [file["uuid"] for file in answer["files"]] == house.world.uuids()
    house.client.acknowledged(collection, answer["files"][0])
    assert house.breaches_after_recovery() == []


# where in generation it begins -> how the row is left until it is over
DURING_GENERATION = [
    ("app.services.variants.claims:acquire", ProcessingStatus.PENDING),
    ("app.imaging.render:render", ProcessingStatus.PROCESSING),
    ("app.services.variants.store:VariantStore.keep", ProcessingStatus.PROCESSING),
]


@pytest.mark.parametrize(("step", "state"), DURING_GENERATION)
def test_variants_are_made_after_the_trouble(
    house: Watched, trouble: Trouble, monkeypatch: pytest.MonkeyPatch, step: str, state: ProcessingStatus
) -> None:
    collection = house.client.collection()
    house.app.config["VARIANT_WAIT_SECONDS"] = 0
    with monkeypatch.context() as patch, lasting(trouble, begun=False):
        begins_at(step, trouble, patch)
        upload_result(house, collection, photograph())
        house.app.extensions[QUEUE].wait([1], 20)
    (uuid,) = house.world.uuids()
    assert house.row(uuid).processing_status == state
    assert house.breaches_after_recovery() == []
    assert house.row(uuid).processing_status == ProcessingStatus.COMPLETED
