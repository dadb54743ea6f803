"""Purging while others delete, restore, purge or upload the same."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import Proofsheet
from app.errors import BeingRemoved, NotFound
from app.integrations.local_storage import LocalStorage
from app.services.storage_service import StorageService
from app.services.trash.deletion import DeletionService
from app.services.trash.purge import PurgeService
from tests.services.trash.waiting import interrupt, wait_out
from tests.support.app import ManualQueue
from tests.support.bin import Bin, objects
from tests.support.pictures import jpeg
from tests.support.studio import Studio


def at_once(app: Proofsheet, *calls: Callable[[], Any]) -> list[Any]:
    """What the calls return, or the errors they raise, made at the same time."""
    outcomes: list[Any] = [None] * len(calls)
    start = threading.Barrier(len(calls), timeout=60)

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
        thread.join(60)
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
def test_restore_during_purge_is_complete_or_refused(
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
            lambda: PurgeService().purge_due(seconds=60.0),
            lambda: PurgeService().purge_due(seconds=60.0),
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
    assert sum(at_once(app, *[lambda: PurgeService().purge_due(seconds=60.0)] * 3)) == 20
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
def test_original_uploaded_while_its_file_is_deleted_is_not_a_duplicate(
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
