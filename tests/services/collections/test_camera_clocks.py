"""Corrected camera clocks, and order by real time, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import insert, select, update

from app.errors import Invalid, NotFound
from app.models import CameraClock, Collection, File, SortOrder, db
from app.services.collections import camera_clocks, capture_time, order
from app.services.collections.camera_clocks import Camera
from app.services.transactions import transaction
from app.services.trash.deletion import DeletionService
from tests.services.collections.test_order import NOON, files, names
from tests.services.collections.test_order import collection as collection
from tests.services.collections.test_order import studio as studio
from tests.support.gallery import counting
from tests.support.pictures import jpeg, taken_by
from tests.support.rows import add, fill
from tests.support.studio import Studio

A, B = {"camera": "NIKON Z 9", "camera_serial": "3001"}, {"camera": "NIKON Z 9", "camera_serial": "3002"}
HOUR = 3600
MANY = 5_000  # photos, so that work for each of them would show in the statements
TOKYO, LISBON = 9 * HOUR, HOUR


def at(minutes: float, **columns: Any) -> dict[str, Any]:
    return {"taken_at": NOON + timedelta(minutes=minutes), **columns}


@pytest.fixture
def wedding(collection: Collection) -> Collection:
    """Two bodies of one model; what B took at the same time as `b` to `d` of A has a clock that is an hour slow."""
    taken = {"a": at(0, **A), "c": at(2, **A), "e": at(4, **A), "b": at(-59, **B), "d": at(-57, **B), "x": {}}
    fill(*(add(collection, original_filename=name, **columns) for name, columns in taken.items()))
    return collection


def shifts(collection: Collection) -> dict[str, int]:
    return {each.serial: each.shift for each in camera_clocks.cameras(collection.id)}


def test_cameras_are_distinguished_by_serial_number(wedding: Collection) -> None:
    first, second = camera_clocks.cameras(wedding.id)
    assert second == Camera("NIKON Z 9", "3001", 3, NOON, NOON + timedelta(minutes=4), 0)
    assert (first.serial, first.count, first.last - first.first) == ("3002", 2, timedelta(minutes=2))
    assert camera_clocks.camera(wedding.id, first.key) == first
    assert first.serial not in first.key
    assert camera_clocks.without_time(wedding.id) == 1
    with pytest.raises(NotFound):
        camera_clocks.camera(wedding.id, "another")


def test_corrected_clock_moves_photos_between_the_others(wedding: Collection) -> None:
    assert names(wedding, SortOrder.TAKEN) == "bdacex"
    camera_clocks.correct(wedding.id, "NIKON Z 9", "3002", HOUR)
    assert names(wedding, SortOrder.TAKEN) == "abcdex"
    assert [order.position(file, SortOrder.TAKEN) for file in files(wedding, SortOrder.TAKEN)] == [*range(6)]
    assert db.session.scalar(select(File.taken_at).filter_by(original_filename="b")) == NOON - timedelta(minutes=59)
    assert shifts(wedding) == {"3001": 0, "3002": HOUR}


def test_correction_replaces_the_one_before_and_can_be_taken_back(wedding: Collection) -> None:
    for seconds in (HOUR, HOUR, -30, HOUR):
        camera_clocks.correct(wedding.id, "NIKON Z 9", "3002", seconds)
    assert names(wedding, SortOrder.TAKEN) == "abcdex"
    camera_clocks.correct(wedding.id, "NIKON Z 9", "3002", 0)
    assert names(wedding, SortOrder.TAKEN) == "bdacex"
    assert shifts(wedding) == {"3001": 0, "3002": 0}
    assert db.session.scalars(select(CameraClock)).all() == []


def test_days_follow_the_clock_and_fractions_of_a_second_stay(collection: Collection) -> None:
    late = datetime(2026, 5, 4, 23, 59, 59, 999_999, tzinfo=UTC)
    fill(add(collection, taken_at=late, **A))
    camera_clocks.correct(collection.id, A["camera"], A["camera_serial"], 2)
    [file] = files(collection, SortOrder.TAKEN)
    assert file.order_time == late + timedelta(seconds=2)
    assert order.day_of(file) == "2026-05-05"
    assert order.geometry(collection.id, SortOrder.TAKEN).days() == [("2026-05-05", 1)]
    assert capture_time.shift_of(file) == 2


@pytest.mark.parametrize("year", [1, 9999])
def test_times_at_the_end_of_all_calendars_stay_as_they_are(collection: Collection, year: int) -> None:
    fill(add(collection, taken_at=datetime(year, 6, 1, tzinfo=UTC), **A))
    for hours in (camera_clocks.MOST_HOURS, -camera_clocks.MOST_HOURS):
        camera_clocks.correct(collection.id, A["camera"], A["camera_serial"], hours * HOUR)
        assert order.pictures(collection.id, SortOrder.TAKEN)[0].order_time == datetime(year, 6, 1, tzinfo=UTC)


def test_invalid_changes_are_refused_and_change_nothing(wedding: Collection) -> None:
    with pytest.raises(Invalid):
        camera_clocks.correct(wedding.id, "NIKON Z 9", "3002", camera_clocks.MOST_HOURS * HOUR + 1)
    with pytest.raises(Invalid):
        camera_clocks.order_by_real_time(wedding.id)
    with pytest.raises(NotFound):
        camera_clocks.correct(0, "NIKON Z 9", "3002", HOUR)
    assert names(wedding, SortOrder.TAKEN) == "bdacex"


def test_photos_in_the_bin_are_corrected_too(wedding: Collection) -> None:
    b = File.original_filename == "b"
    with transaction() as session:
        session.execute(update(File).where(b).values(deleted_at=NOON, purge_after=NOON))
    camera_clocks.correct(wedding.id, "NIKON Z 9", "3002", HOUR)
    with transaction() as session:
        session.execute(update(File).where(b).values(deleted_at=None, purge_after=None))
    assert names(wedding, SortOrder.TAKEN) == "abcdex"


# --- files that are read later ---


def read(collection: Collection, name: str, **columns: Any) -> File:
    """A file as its worker stores it after reading."""
    with transaction() as session:
        file_id = session.scalar(select(File.id).filter_by(original_filename=name))
        assert file_id
        before = camera_clocks.lock_for(session, file_id)
        assert before
        session.execute(update(File).where(File.id == file_id).values(columns))
        camera_clocks.apply_to(session, before)
    return db.session.scalars(select(File).filter_by(id=file_id)).one()


def test_files_that_are_prepared_later_take_the_correction_in_force(wedding: Collection) -> None:
    camera_clocks.correct(wedding.id, "NIKON Z 9", "3002", HOUR)
    for _ in range(2):
        file = read(wedding, "x", **at(-58.5, **B))
        assert capture_time.shift_of(file) == HOUR
    assert names(wedding, SortOrder.TAKEN) == "abxcde"
    assert capture_time.shift_of(read(wedding, "x", taken_at=None)) == 0
    assert names(wedding, SortOrder.TAKEN) == "abcdex"


def test_camera_keeps_its_correction_when_its_serial_number_becomes_known(collection: Collection) -> None:
    unknown = {"camera": "NIKON Z 9", "camera_serial": ""}
    fill(*(add(collection, original_filename=name, **at(n, **unknown)) for n, name in enumerate("abc")))
    fill(add(collection, original_filename="d", **at(0, **A)))
    camera_clocks.correct(collection.id, "NIKON Z 9", "", HOUR)
    for name in "ab":
        assert capture_time.shift_of(read(collection, name, **A)) == HOUR
    assert shifts(collection) == {"": HOUR, "3001": HOUR}
    assert capture_time.shift_of(db.session.scalars(select(File).filter_by(original_filename="d")).one()) == HOUR
    camera_clocks.correct(collection.id, "NIKON Z 9", "3002", 1)
    assert capture_time.shift_of(read(collection, "c", **B)) == 1


def test_upload_takes_the_correction_in_force(studio: Studio, collection: Collection) -> None:
    camera_clocks.correct(collection.id, "NIKON Z 9", "3001", 60)
    exif = taken_by("NIKON Z 9", "2026:05:04 14:59:00", serial="3001", offset="+02:00")
    file = studio.file(studio.photo(collection.uuid, data=jpeg(exif=exif)))
    written = datetime(2026, 5, 4, 14, 59, tzinfo=UTC)
    assert (file.taken_at, file.order_time) == (written, written + timedelta(minutes=1))
    assert (file.camera, file.camera_serial, file.utc_offset) == ("NIKON Z 9", "3001", 7200)


# --- real time ---


@pytest.fixture
def journey(collection: Collection) -> Collection:
    """Tokyo, then Lisbon; by the clocks on the walls the first of Lisbon lies before the last of Tokyo."""
    taken = {"a": at(0, utc_offset=TOKYO), "b": at(240, utc_offset=TOKYO), "c": at(30, utc_offset=LISBON)}
    fill(*(add(collection, original_filename=name, **columns, **A) for name, columns in taken.items()))
    return collection


def test_journey_is_ordered_by_real_time_when_its_photographer_chooses_so(journey: Collection) -> None:
    assert camera_clocks.zones(journey.id).differ
    assert names(journey, SortOrder.TAKEN) == "acb"
    camera_clocks.order_by_real_time(journey.id)
    assert names(journey, SortOrder.TAKEN) == "abc"
    times = [file.order_time for file in order.pictures(journey.id, SortOrder.TAKEN)]
    assert times == [NOON, NOON + timedelta(hours=4), NOON + timedelta(hours=8, minutes=30)]  # as in Tokyo
    camera_clocks.correct(journey.id, A["camera"], A["camera_serial"], 60)
    for file in files(journey, SortOrder.TAKEN):
        assert capture_time.shift_of(file) == 60
    camera_clocks.order_by_wall_clock(journey.id)
    assert names(journey, SortOrder.TAKEN) == "acb"
    assert shifts(journey) == {"3001": 60}


def test_photo_without_offset_ends_the_order_by_real_time(journey: Collection) -> None:
    camera_clocks.order_by_real_time(journey.id)
    fill(add(journey, original_filename="d"))
    read(journey, "d", **at(60, utc_offset=LISBON))
    db.session.refresh(journey)
    assert names(journey, SortOrder.TAKEN) == "abcd"
    read(journey, "d", **at(60, utc_offset=None))
    db.session.refresh(journey)
    assert (journey.real_time_offset, journey.real_time_ended_by) == (None, "d")
    assert names(journey, SortOrder.TAKEN) == "acdb"
    with pytest.raises(Invalid):
        camera_clocks.order_by_real_time(journey.id)


def test_photo_without_offset_that_is_restored_ends_the_order_by_real_time(journey: Collection) -> None:
    binned = {"deleted_at": NOON, "purge_after": NOON + timedelta(days=36_500)}
    fill(add(journey, original_filename="d", **at(60), **binned))
    camera_clocks.order_by_real_time(journey.id)
    DeletionService().restore_file(db.session.scalars(select(File.id).filter_by(original_filename="d")).one())
    db.session.refresh(journey)
    assert (journey.real_time_offset, journey.real_time_ended_by) == (None, "d")
    assert names(journey, SortOrder.TAKEN) == "acdb"


@pytest.mark.parametrize("offsets", [[], [TOKYO], [TOKYO, LISBON, None], [None]])
def test_real_time_is_offered_only_where_all_offsets_are_known_and_differ(
    collection: Collection, offsets: list[int | None]
) -> None:
    rows = [add(collection, **at(n, utc_offset=offset)) for n, offset in enumerate(offsets)]
    fill(*rows, add(collection))
    assert not camera_clocks.zones(collection.id).differ


# --- many ---


def test_any_number_of_photos_is_corrected_by_one_statement(collection: Collection) -> None:
    rows = [add(collection, **at(n / 60, **(A if n % 2 else B), utc_offset=TOKYO)) for n in range(MANY)]
    db.session.execute(insert(File), rows)
    db.session.commit()
    with counting(current_app) as statements:
        camera_clocks.correct(collection.id, "NIKON Z 9", "3002", HOUR)
    assert sum(statement.startswith("UPDATE files") for statement in statements.sent) == 1
    assert files(collection, SortOrder.TAKEN)[0].camera_serial == "3001"
    assert shifts(collection) == {"3001": 0, "3002": HOUR}


def test_shift_is_formatted_in_hours_minutes_and_seconds() -> None:
    said = {3720: "+1 h 2 min", -30: "−30 s", 0: "+0 s", 360_000_001: "+100,000 h 1 s", -3661: "−1 h 1 min 1 s"}
    assert {seconds: capture_time.in_words(seconds) for seconds in said} == said
    assert [capture_time.offset_in_words(each) for each in (TOKYO, -34_200)] == ["UTC+09:00", "UTC−09:30"]
