"""Purging: nothing remains, other files are kept, and failures are retried until they succeed."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from app import Proofsheet
from app.errors import BeingRemoved, StorageUnavailable
from app.integrations.local_storage import LocalStorage
from app.jobs import tasks
from app.models import File, Variant, db, utc_now
from app.services.trash import purge
from app.services.trash.deletion import DeletionService
from app.services.trash.purge import PurgeService, backoff
from tests.services.trash.waiting import die, make_extra, wait_out
from tests.support.app import ManualQueue
from tests.support.bin import Bin, objects
from tests.support.pictures import jpeg
from tests.support.studio import Studio


def test_nothing_is_purged_before_its_deadline(app: Proofsheet, studio: Studio, collection: str, bin: Bin) -> None:
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


def test_without_bin_days_a_collection_is_purged_with_its_deleted_files(
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
        killed.setattr(purge, "_record", die)
        with pytest.raises(SystemExit):
            bin.purge()
    assert bin.rows() == (1, 1)
    assert bin.purge() == 0  # it is still that process's turn
    wait_out(app)
    assert bin.purge() == 1
    assert (objects(app), bin.rows()) == (set(), (0, 0))


def test_invalid_key_does_not_prevent_removal(app: Proofsheet, studio: Studio, collection: str, bin: Bin) -> None:
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
