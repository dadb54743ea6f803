"""Purging while workers and visitors use the file."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, update

from app import Proofsheet
from app.jobs import tasks
from app.models import File, Lease, db, utc_now
from app.services import leases
from app.services.thumbnail_service import ThumbnailService
from app.services.trash import purge
from app.services.trash.deletion import DeletionService
from app.services.trash.purge import PurgeService
from app.services.variants import claims, processing
from app.services.variants.single import SingleVariant, lease_name
from app.services.variants.store import VariantStore
from tests.services.trash.waiting import DAY, die, interrupt, wait_out
from tests.support.app import ManualQueue
from tests.support.bin import Bin, objects
from tests.support.pictures import jpeg
from tests.support.studio import Studio

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
            [claimed] = purge._claim_due(1)
            assert PurgeService()._remove(claimed, next(key for key in claimed.keys if key.endswith(".jpg")))

    interrupt(monkeypatch, VariantStore, "keep", claim_for_purge, after=True)
    tasks.run(app, file_id)
    assert not any("variants/" in key for key in objects(app))


def test_worker_that_was_killed_after_its_upload_leaves_nothing_after_the_purge(
    app: Proofsheet, bin: Bin, waiting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(ThumbnailService, "_record", die)
        killed.setattr(claims, "_held", set())
        killed.setattr(claims.HeldClaim, "__exit__", lambda *_: None)  # a killed process releases no claim
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


def test_regenerating_a_deleted_file_keeps_its_recorded_state(
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


def test_failure_of_a_purged_file_does_not_affect_the_next_file_with_its_id(
    app: Proofsheet, studio: Studio, queue: ManualQueue, bin: Bin, collection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["TRASH_DAYS"] = 0
    uuid = studio.photo(collection)
    interrupt(monkeypatch, VariantStore, "keep", lambda: bin.delete_file(uuid), after=True)
    with app.app_context():
        assert not SingleVariant().make(bin.id_of(uuid), "large")
    bin.purge()
    following = bin.id_of(studio.photo(collection, data=jpeg(70)))  # SQLite gives it the id that has become free
    with app.app_context():
        assert SingleVariant().make(following, "large")
        assert list(db.session.scalars(select(Lease.name).where(Lease.name.like("variant/%")))) == []


def test_result_after_the_lease_is_not_recorded_for_a_new_file_with_the_id(
    app: Proofsheet, studio: Studio, bin: Bin, collection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["TRASH_DAYS"] = 0
    file_id, following = bin.id_of(uuid := studio.photo(collection, data=jpeg(900, 600))), []

    def replace_it() -> None:
        with app.app_context():
            db.session.execute(delete(Lease))  # it has run out
            db.session.commit()
        bin.delete_file(uuid)
        bin.purge()
        following.append(studio.photo(collection, data=jpeg(70)))

    interrupt(monkeypatch, VariantStore, "keep", replace_it, after=True)
    with app.app_context():
        assert not SingleVariant().make(file_id, "large")
    with app.app_context():
        reuses_ids = db.engine.dialect.name == "sqlite"
    assert (bin.id_of(following[0]) == file_id) is reuses_ids
    assert {row.name for row in studio.file(following[0]).variants} == {"thumb", "small", "medium"}


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
