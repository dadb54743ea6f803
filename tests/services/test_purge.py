"""Removing for good: nothing remains, nothing of others goes, and what fails is tried until it is done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from app import Proofsheet
from app.errors import BeingRemoved, NotFound, StorageUnavailable
from app.integrations.local_storage import LocalStorage
from app.jobs import tasks
from app.models import Collection, File, Lease, Variant, db, utc_now
from app.services import leases, processing, purge
from app.services.deletion import DeletionService
from app.services.purge import PurgeService, backoff
from app.services.storage_service import StorageService
from app.services.thumbnail_service import ThumbnailService
from app.services.variant_store import VariantStore
from tests.conftest import ManualQueue
from tests.factories import Studio, jpeg
from tests.services.bin import Bin, objects

DAY = timedelta(days=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, settings: dict[str, Any]) -> dict[str, Any]:
    """On either database."""
    if request.param == "postgresql":
        settings["DATABASE_URL"] = request.getfixturevalue("postgres_url")
    return settings


@pytest.fixture
def bin(app: Proofsheet) -> Bin:
    """The bin of the app."""
    return Bin(app)


@pytest.fixture
def collection(studio: Studio) -> str:
    """A collection to delete from."""
    return studio.collection(studio.photographer())


def wait_out(app: Proofsheet) -> None:
    """Let every waiting time in the bin pass."""
    with app.app_context():
        for table in (File, Collection):
            over = update(table).where(table.purge_after.is_not(None)).values(purge_after=utc_now() - DAY)
            db.session.execute(over)
        db.session.commit()


def make_extra(app: Proofsheet, file_id: int) -> None:
    with app.app_context():
        assert ThumbnailService().make(file_id, "large")


def test_nothing_is_removed_before_its_time(app: Proofsheet, studio: Studio, collection: str, bin: Bin) -> None:
    bin.delete_file(studio.photo(collection))
    before = objects(app)
    assert bin.purge() == 0
    assert objects(app) == before


def test_nothing_remains_of_a_purged_file_and_all_of_the_others(
    app: Proofsheet, studio: Studio, collection: str, bin: Bin
) -> None:
    stays = studio.photo(collection, "stays.jpg", jpeg(70))
    before = objects(app)
    photo = studio.photo(collection)
    file_id, path = bin.id_of(photo), studio.file(photo).storage_path
    make_extra(app, file_id)
    stem = Path(path).stem
    unrecorded = Path(app.config["STORAGE_PATH"], "collections", collection, "variants", f"small_webp_{stem}.webp")
    unrecorded.write_bytes(b"of a worker that was killed")
    bin.delete_file(photo)
    wait_out(app)
    assert bin.purge() == 1
    assert objects(app) == before
    assert bin.rows() == (1, 1)
    assert studio.file(stays).has_variants
    with app.app_context():
        assert db.session.scalar(select(Variant).where(Variant.file_id == file_id)) is None


def test_nothing_remains_of_a_purged_collection(app: Proofsheet, studio: Studio, collection: str, bin: Bin) -> None:
    other = studio.photo(studio.collection(1), "other.jpg")
    before = objects(app)
    early = studio.photo(collection, "early.jpg")
    for width in range(70, 82):
        studio.photo(collection, f"{width}.jpg", jpeg(width))
    leftover = Path(app.config["STORAGE_PATH"], "collections", collection, "variants", "huge_of_an_older_ladder.jpg")
    leftover.write_bytes(b"nobody knows me")
    bin.delete_file(early)
    bin.delete_collection(collection)
    wait_out(app)
    assert bin.purge() == 13
    assert objects(app) == before
    assert bin.rows() == (1, 1)
    assert studio.file(other).has_variants


def test_file_deleted_earlier_goes_before_its_collection_which_can_still_come_back(
    app: Proofsheet, studio: Studio, collection: str, bin: Bin
) -> None:
    early, late = studio.photo(collection), studio.photo(collection, "late.jpg", jpeg(70))
    bin.delete_file(early)
    wait_out(app)
    bin.delete_collection(collection)
    assert bin.purge() == 1
    bin.call("restore_collection", collection)
    assert studio.file(late).has_variants


def test_object_that_another_row_knows_is_left(app: Proofsheet, studio: Studio, collection: str, bin: Bin) -> None:
    moved = studio.photo(collection)
    elsewhere = studio.collection(1)
    with app.app_context():
        db.session.execute(update(File).values(collection_id=bin.id_of(elsewhere)))
        db.session.commit()
    before = objects(app)
    bin.delete_collection(collection)
    wait_out(app)
    bin.purge()
    assert bin.rows() == (1, 1)
    assert objects(app) == before
    assert studio.file(moved).has_variants


def test_without_days_in_the_bin_objects_go_after_the_answer(
    app: Proofsheet, studio: Studio, queue: ManualQueue, collection: str, bin: Bin
) -> None:
    app.config["TRASH_DAYS"] = 0
    photo = studio.photo(collection)
    queue.paused = True
    before = objects(app)
    deleted = bin.delete_file(photo)
    assert deleted.recoverable_until is None
    assert objects(app) == before
    with pytest.raises(BeingRemoved):
        bin.call("restore_file", photo)
    queue.paused = False
    queue.wait([], 1)
    assert objects(app) == set()
    assert bin.rows() == (0, 1)


def test_without_days_in_the_bin_a_collection_goes_with_what_lay_there_before(
    app: Proofsheet, studio: Studio, queue: ManualQueue, collection: str, bin: Bin
) -> None:
    bin.delete_file(studio.photo(collection))
    studio.photo(collection, "late.jpg", jpeg(70))
    app.config["TRASH_DAYS"] = 0
    bin.delete_collection(collection)
    queue.wait([], 1)
    bin.purge()
    assert (objects(app), bin.rows()) == (set(), (0, 0))


class StubbornStorage(LocalStorage):
    """A folder from which nothing that matches can be deleted until told otherwise."""

    def __init__(self, root: Path, word: str) -> None:
        super().__init__(root)
        self.word = word

    def delete(self, key: str) -> None:
        """Delete, or fail as a store does that does not answer."""
        if self.word and self.word in key:
            raise StorageUnavailable("503", key)
        super().delete(key)


@pytest.fixture
def stubborn(app: Proofsheet) -> StubbornStorage:
    """In place of the app's local store."""
    storage = StubbornStorage(Path(app.config["STORAGE_PATH"]), "medium_")
    app.extensions["proofsheet.storages"]["local"] = storage
    return storage


def test_row_stays_until_every_object_is_gone(
    app: Proofsheet, studio: Studio, stubborn: StubbornStorage, collection: str, bin: Bin
) -> None:
    bin.delete_file(studio.photo(collection))
    wait_out(app)
    for attempt in (1, 2):
        assert bin.purge() == 0
        assert bin.purge() == 0  # not tried again before its time
        with app.app_context():
            file = db.session.scalars(select(File)).one()
            assert (file.purge_attempts, file.purge_after > utc_now()) == (attempt, True)
        wait_out(app)
    assert len(objects(app)) == 1
    with pytest.raises(BeingRemoved), app.app_context():
        DeletionService().restore_file(1)
    stubborn.word = ""
    assert bin.purge() == 1
    assert (objects(app), bin.rows()) == (set(), (0, 1))


def test_collection_stays_until_its_folder_is_empty(
    app: Proofsheet, studio: Studio, stubborn: StubbornStorage, collection: str, bin: Bin
) -> None:
    studio.photo(collection)
    leftover = Path(app.config["STORAGE_PATH"], "collections", collection, "stubborn.jpg")
    leftover.write_bytes(b"nobody knows me")
    stubborn.word = "stubborn"
    bin.delete_collection(collection)
    wait_out(app)
    bin.purge()
    assert bin.rows() == (0, 1)
    stubborn.word = ""
    wait_out(app)
    bin.purge()
    assert (objects(app), bin.rows()) == (set(), (0, 0))


def test_purge_that_was_killed_between_objects_and_rows_is_done_again(
    app: Proofsheet, studio: Studio, collection: str, bin: Bin, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.photo(collection)
    bin.delete_collection(collection)
    wait_out(app)
    with monkeypatch.context() as killed:
        killed.setattr(purge, "_record", _die)
        with pytest.raises(SystemExit):
            bin.purge()
    assert bin.rows() == (1, 1)
    assert bin.purge() == 0  # it is still that process's turn
    wait_out(app)
    assert bin.purge() == 1
    assert (objects(app), bin.rows()) == (set(), (0, 0))


def _die(*_: object) -> None:
    raise SystemExit


def test_key_that_no_store_can_hold_keeps_no_file_from_going(
    app: Proofsheet, studio: Studio, collection: str, bin: Bin
) -> None:
    photo = studio.photo(collection)
    studio.change(photo, thumbnail_path="../outside.jpg")
    bin.delete_file(photo)
    wait_out(app)
    assert bin.purge() == 1


def test_sweep_takes_up_uploads_though_the_purge_fails(
    app: Proofsheet, studio: Studio, queue: ManualQueue, collection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.paused = True
    photo = studio.photo(collection)
    monkeypatch.setattr(PurgeService, "purge_due", _die_quietly)
    assert tasks.sweep(app, 10) == [(studio.file(photo).id, False)]


def _die_quietly(*_: object) -> None:
    raise RuntimeError("a fault of ours")


@pytest.mark.parametrize(("attempts", "longest"), [(1, 30), (2, 120), (3, 480), (10, 21_600), (2**31 - 1, 21_600)])
def test_waits_grow_up_to_six_hours(attempts: int, longest: int) -> None:
    waits = [backoff(attempts).total_seconds() for _ in range(50)]
    assert longest / 2 <= min(waits) <= max(waits) <= longest


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
        killed.setattr(ThumbnailService, "_record", _die)
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
        leases.acquire(f"{ThumbnailService.lease_name(bin.id_of(photo), 'large')}/failed", DAY)
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
