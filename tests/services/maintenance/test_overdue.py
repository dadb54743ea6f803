"""Overdue deletions: found by their row and removed by repair, but never before the promised date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app import Proofsheet
from app.errors import StorageUnavailable
from app.integrations.local_storage import LocalStorage
from app.models import Collection, File, db, utc_now
from app.services.maintenance import overdue
from app.services.maintenance.findings import Fix
from app.services.maintenance.repair import repaired
from app.services.maintenance.verify import Verification
from app.services.trash.deletion import DeletionService
from tests.support.bin import Bin
from tests.support.gallery import AT_ONCE, Gallery, counting
from tests.support.many import Many

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOON = timedelta(minutes=1)
PROMISED = {"purge_after": -DAY - SOON}
BEGUN = {"purging_at": -HOUR - SOON, "purge_after": 6 * HOUR}  # the store has refused, and is left alone for a while


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, settings: dict[str, Any]) -> dict[str, Any]:
    """Settings for each database in turn."""
    if request.param == "postgresql":
        settings["DATABASE_URL"] = request.getfixturevalue("postgres_url")
    return settings


@pytest.fixture
def bin(gallery: Gallery) -> Bin:
    """The bin of the gallery."""
    return Bin(gallery.app)


def age(gallery: Gallery, *tables: type[File] | type[Collection], **since: timedelta) -> None:
    """Set these times of everything in the bin, relative to now."""
    for table in tables:
        times = {name: utc_now() + distance for name, distance in since.items()}
        gallery.execute(update(table).where(table.deleted_at.is_not(None)).values(times))


def repair(gallery: Gallery) -> list[bool]:
    with gallery.app.app_context():
        return [mended for _, mended in repaired(Verification(orphan_age=AT_ONCE).findings())]


def stored(gallery: Gallery) -> list[str]:
    return [item.key for item in gallery.store.list()]


@pytest.mark.parametrize(("since", "words"), [(PROMISED, "has been due since"), (BEGUN, "has not ended")])
def test_a_file_whose_removal_is_overdue_is_found_and_removed(
    gallery: Gallery, bin: Bin, since: dict[str, timedelta], words: str
) -> None:
    bin.delete_file(gallery.photo)
    age(gallery, File, **since)
    (finding,) = gallery.findings()
    assert (finding.invariant, finding.fix, finding.uuid) == (5, Fix.PURGE, gallery.photo)
    assert words in finding.words
    assert repair(gallery) == [True]
    assert (stored(gallery), bin.rows(), gallery.findings()) == ([], (0, 1), [])


@pytest.mark.parametrize("since", [{"purge_after": -DAY + SOON}, {"purging_at": -HOUR + SOON, "purge_after": HOUR}])
def test_file_not_yet_overdue_is_not_a_finding(gallery: Gallery, bin: Bin, since: dict[str, timedelta]) -> None:
    bin.delete_file(gallery.photo)
    age(gallery, File, **since)
    assert gallery.findings() == []


def test_file_is_kept_until_its_promised_date_after_the_setting_was_shortened(gallery: Gallery, bin: Bin) -> None:
    bin.delete_file(gallery.photo)
    age(gallery, File, deleted_at=-10 * DAY, purge_after=20 * DAY)
    gallery.app.config["TRASH_DAYS"] = 1
    assert gallery.findings() == []
    assert repair(gallery) == []
    bin.call("restore_file", gallery.photo)
    assert gallery.findings() == []


@pytest.mark.parametrize("since", [PROMISED, BEGUN])
def test_a_collection_goes_with_its_files(gallery: Gallery, bin: Bin, since: dict[str, timedelta]) -> None:
    bin.delete_collection(gallery.collection)
    age(gallery, File, Collection, **since)
    assert [finding.uuid for finding in gallery.findings()] == [gallery.photo]
    assert set(repair(gallery)) == {True}
    repair(gallery)
    assert (stored(gallery), bin.rows()) == ([], (0, 0))


@pytest.mark.parametrize("since", [PROMISED, BEGUN])
def test_collections_of_which_only_rows_are_left_are_found_and_removed(
    gallery: Gallery, bin: Bin, since: dict[str, timedelta]
) -> None:
    empty = [gallery.studio.collection(1) for _ in range(25)]
    for uuid in empty:
        bin.delete_collection(uuid)
    age(gallery, Collection, **since)
    found = gallery.findings()
    assert {(each.uuid, each.key, each.file_id) for each in found} == {(u, f"collections/{u}/", None) for u in empty}
    assert repair(gallery) == [True] * 25
    assert bin.rows() == (1, 1)


def test_file_refused_by_the_store_is_kept_and_reported(
    gallery: Gallery, bin: Bin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_storage: LocalStorage, key: str) -> None:
        raise StorageUnavailable("503", key)

    bin.delete_file(gallery.photo)
    age(gallery, File, **BEGUN)
    with monkeypatch.context() as refusing:
        refusing.setattr(LocalStorage, "delete", refuse)
        assert repair(gallery) == [False]
    assert len(gallery.findings()) == 1
    assert repair(gallery) == [True]


def test_file_restored_between_finding_and_repair_is_kept(gallery: Gallery, bin: Bin) -> None:
    bin.delete_file(gallery.photo)
    age(gallery, File, **PROMISED)
    before = stored(gallery)

    def found() -> Iterator[Any]:
        suspects = list(Verification(orphan_age=AT_ONCE).findings())
        DeletionService().restore_file(bin.id_of(gallery.photo))
        yield from suspects

    with gallery.app.app_context():
        assert [mended for _, mended in repaired(found())] == [True]
    assert stored(gallery) == before
    assert gallery.findings() == []


def test_finding_many_takes_one_statement_for_each_thousand(app: Proofsheet) -> None:
    with app.app_context():
        Many(3000).fill()
        times = {"deleted_at": utc_now() - 9 * DAY, "purge_after": utc_now() - 2 * DAY}
        db.session.execute(update(File).values(times))
        db.session.commit()
    with counting(app) as sent, app.app_context():
        assert sum(1 for _ in overdue.findings()) == 3000
    assert len(sent) <= 3 + 1 + 1  # the last thousand is full, so one more looks, and one for collections
