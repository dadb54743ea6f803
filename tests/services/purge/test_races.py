"""Removing for good while others work on the file: workers, visitors, a second purge, a restore, an upload."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from app import Proofsheet
from app.errors import BeingRemoved, NotFound
from app.integrations.local_storage import LocalStorage
from app.jobs import tasks
from app.models import File, Lease, db, utc_now
from app.services import leases, processing, purge
from app.services.deletion import DeletionService
from app.services.purge import PurgeService
from app.services.single_variant import lease_name
from app.services.storage_service import StorageService
from app.services.thumbnail_service import ThumbnailService
from app.services.variant_store import VariantStore
from tests.conftest import ManualQueue
from tests.factories import Studio, jpeg
from tests.services.bin import Bin, objects
from tests.services.purge.waiting import DAY, die, wait_out

# --- races with workers -----------------------------------------------------------------------


def interrupt(
    monkeypatch: pytest.MonkeyPatch, what: type, method: str, action: Callable[[], None], *, after: bool
) -> None:
    """Have something happen once, before or after a step of the worker."""
    original = getattr(what, method)
    todo = [action]

    def step(*arguments: Any, **more: Any) -> Any:
        if not after and todo:
            todo.pop()()
        result = original(*arguments, **more)
        if after and todo:
            todo.pop()()
        return result

    monkeypatch.setattr(what, method, step)


STEPS = [
    (ThumbnailService, "_work", False),  # after the claim
    (VariantStore, "keep", False),  # between rendering and upload
    (VariantStore, "keep", True),  # between upload and settle
]


@pytest.fixture(params=[0, 30], ids=["at once", "into the bin"])
def waiting(
    request: pytest.FixtureRequest, app: Proofsheet, studio: Studio, queue: ManualQueue, collection: str
) -> str:
    """A photograph that waits for a worker, with or without days in the bin."""
    app.config["TRASH_DAYS"] = request.param
    queue.paused = True
    return studio.photo(collection)


@pytest.mark.parametrize(("what", "method", "after"), STEPS, ids=["claimed", "rendered", "uploaded"])
def test_worker_whose_file_is_deleted_records_nothing_and_leaves_nothing(
    app: Proofsheet, bin: Bin, waiting: str, monkeypatch: pytest.MonkeyPatch, what: type, method: str, after: bool
) -> None:
    file_id = bin.id_of(waiting)
    original = {next(iter(objects(app)))}

    def delete_and_try_to_purge() -> None:
        with app.app_context():
            DeletionService().delete_file(file_id, None)
            assert PurgeService().purge_due() == 0  # a worker is at it

    interrupt(monkeypatch, what, method, delete_and_try_to_purge, after=after)
    tasks.run(app, file_id)
    if app.config["TRASH_DAYS"]:
        assert objects(app) == original
        bin.call("restore_file", waiting)
        tasks.run(app, file_id)
        assert len(objects(app)) == 4
    else:
        assert (objects(app), bin.rows()) == (set(), (0, 1))


@pytest.mark.parametrize("after", [False, True], ids=["rendered", "uploaded"])
def test_worker_that_outlives_its_lease_and_the_purge_leaves_nothing(
    app: Proofsheet, bin: Bin, waiting: str, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    file_id = bin.id_of(waiting)

    def purge_behind_its_back() -> None:
        with app.app_context():
            DeletionService().delete_file(file_id, None)
            db.session.execute(update(File).values(lease_expires_at=utc_now() - DAY, purge_after=utc_now() - DAY))
            db.session.commit()
            assert PurgeService().purge_due() == 1

    interrupt(monkeypatch, VariantStore, "keep", purge_behind_its_back, after=after)
    tasks.run(app, file_id)
    assert (objects(app), bin.rows()) == (set(), (0, 1))


def test_worker_that_ends_while_its_file_is_being_removed_leaves_nothing(
    app: Proofsheet, bin: Bin, waiting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id = bin.id_of(waiting)

    def claim_for_purge() -> None:
        with app.app_context():
            DeletionService().delete_file(file_id, None)
            db.session.execute(update(File).values(lease_expires_at=utc_now() - DAY, purge_after=utc_now() - DAY))
            db.session.commit()
            [doomed] = purge._claimed(1)
            assert PurgeService()._remove(doomed, next(key for key in doomed.keys if key.endswith(".jpg")))

    interrupt(monkeypatch, VariantStore, "keep", claim_for_purge, after=True)
    tasks.run(app, file_id)
    assert not any("variants/" in key for key in objects(app))


def test_worker_that_was_killed_after_its_upload_leaves_nothing_after_the_purge(
    app: Proofsheet, bin: Bin, waiting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(ThumbnailService, "_record", die)
        with pytest.raises(SystemExit):
            tasks.run(app, bin.id_of(waiting))
    bin.delete_file(waiting)
    wait_out(app)
    assert bin.purge() == 0  # its lease still runs
    with app.app_context():
        db.session.execute(update(File).values(lease_expires_at=utc_now() - DAY))
        db.session.commit()
    assert bin.purge() == 1
    assert objects(app) == set()


def test_regenerating_a_file_that_is_deleted_keeps_what_was_recorded_before(
    app: Proofsheet, studio: Studio, bin: Bin, collection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = studio.photo(collection)
    file_id, before = bin.id_of(photo), objects(app)
    with app.app_context():
        assert processing.restart(file_id)
    interrupt(monkeypatch, VariantStore, "keep", lambda: bin.delete_file(photo), after=True)
    tasks.run(app, file_id)
    assert objects(app) == before


@pytest.mark.parametrize("days", [0, 30])
def test_variant_on_demand_of_a_deleted_file_is_not_kept(
    app: Proofsheet, studio: Studio, bin: Bin, collection: str, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    app.config["TRASH_DAYS"] = days
    photo = studio.photo(collection)
    file_id, before = bin.id_of(photo), objects(app)

    def delete_and_try_to_purge() -> None:
        bin.delete_file(photo)
        assert bin.purge() == 0  # a worker is at it

    interrupt(monkeypatch, VariantStore, "keep", delete_and_try_to_purge, after=True)
    tasks.run(app, file_id, "large")
    assert objects(app) == before
    if not days:
        assert bin.purge() == 1
        assert objects(app) == set()


def test_variant_that_failed_lately_does_not_hold_up_the_purge(
    app: Proofsheet, studio: Studio, bin: Bin, collection: str
) -> None:
    photo = studio.photo(collection)
    with app.app_context():
        leases.acquire(f"{lease_name(bin.id_of(photo), 'large')}/failed", DAY)
        assert db.session.scalar(select(Lease.name))
    bin.delete_file(photo)
    wait_out(app)
    assert bin.purge() == 1


# --- races between people and the purge ---------------------------------------------------------


def at_once(app: Proofsheet, *calls: Callable[[], Any]) -> list[Any]:
    """What the calls return, or the errors they raise, made at the same time."""
    outcomes: list[Any] = [None] * len(calls)
    start = threading.Barrier(len(calls))

    def run(number: int) -> None:
        with app.app_context():
            start.wait()
            try:
                outcomes[number] = calls[number]()
            except (NotFound, BeingRemoved) as error:
                outcomes[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.parametrize("kind", ["file", "collection"])
def test_of_many_deletions_at_once_one_wins(
    app: Proofsheet, studio: Studio, bin: Bin, collection: str, kind: str
) -> None:
    photo = studio.photo(collection)
    row_id = bin.id_of(photo if kind == "file" else collection)
    outcomes = at_once(app, *[lambda: getattr(DeletionService(), f"delete_{kind}")(row_id, None)] * 4)
    assert sorted(isinstance(outcome, NotFound) for outcome in outcomes) == [False, True, True, True]


@pytest.mark.parametrize("kind", ["file", "collection"])
def test_restored_or_purged_but_never_half(
    app: Proofsheet, studio: Studio, bin: Bin, collection: str, kind: str
) -> None:
    for width in range(60, 66):
        photo = studio.photo(collection, data=jpeg(width))
        row_id = bin.id_of(photo if kind == "file" else collection)
        bin.call(f"delete_{kind}", photo if kind == "file" else collection, None)
        wait_out(app)
        restored, *_ = at_once(
            app,
            lambda row_id=row_id: getattr(DeletionService(), f"restore_{kind}")(row_id),
            lambda: PurgeService().purge_due(),
            lambda: PurgeService().purge_due(),
        )
        wait_out(app)
        bin.purge()
        if restored is None:
            file = studio.file(photo)
            assert {file.storage_path, *(row.path for row in file.variants)} <= objects(app)
            bin.call(f"delete_{kind}", photo if kind == "file" else collection, None)
            wait_out(app)
            bin.purge()
        else:
            with pytest.raises(LookupError):
                bin.id_of(photo)
        assert objects(app) == set()
        if kind == "collection":
            collection = studio.collection(1)


def test_two_purges_at_once_remove_each_file_once(app: Proofsheet, studio: Studio, bin: Bin, collection: str) -> None:
    for width in range(60, 80):
        studio.photo(collection, data=jpeg(width))
    bin.delete_collection(collection)
    wait_out(app)
    assert sum(at_once(app, *[lambda: PurgeService().purge_due()] * 3)) == 20
    bin.purge()
    assert (objects(app), bin.rows()) == (set(), (0, 0))


def test_upload_of_the_same_bytes_while_they_are_removed_is_a_new_file(
    app: Proofsheet, studio: Studio, bin: Bin, collection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = studio.photo(collection)
    bin.delete_file(old)
    wait_out(app)
    uploaded: list[str] = []
    interrupt(
        monkeypatch, StorageService, "named", lambda: uploaded.append(studio.photo(collection, "new.jpg")), after=False
    )
    assert bin.purge() == 1
    [new] = uploaded
    assert studio.file(new).has_variants
    assert len(objects(app)) == 4


@pytest.mark.parametrize("step", ["delete", "put"])
@pytest.mark.parametrize("days", [0, 30])
def test_original_put_back_while_its_file_is_deleted_is_no_duplicate_of_it(
    app: Proofsheet,
    studio: Studio,
    bin: Bin,
    collection: str,
    queue: ManualQueue,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    days: int,
) -> None:
    app.config["TRASH_DAYS"] = days
    old = studio.photo(collection)
    lost = Path(app.config["STORAGE_PATH"], studio.file(old).storage_path)
    lost.unlink()

    def delete_and_purge() -> None:
        bin.delete_file(old)
        with app.app_context():
            PurgeService().purge_file(bin.id_of(old))

    interrupt(monkeypatch, LocalStorage, step, delete_and_purge, after=False)
    new = studio.photo(collection, "new.jpg")
    assert new != old
    assert studio.file(new).has_variants
    assert lost.exists() == (days == 30)
    assert len(objects(app)) == (4 if not days else 8)
