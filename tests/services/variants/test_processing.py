"""Processing states: the allowed transitions, retries, and the order of due files."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app import Proofsheet
from app.errors import ImageCorrupt, Invalid, NotFound, StorageUnavailable
from app.models import File, ProcessingStatus, db, utc_now
from app.services.transactions import transaction
from app.services.variants import claims, isolation, processing
from tests.support.app import ManualQueue
from tests.support.pictures import jpeg
from tests.support.statements import statements
from tests.support.studio import Studio

NOW = utc_now()
BEFORE, SOON = timedelta(seconds=-1), timedelta(seconds=1)
DELETED = {"deleted_at": utc_now(), "purge_after": utc_now() + timedelta(days=30)}


ALLOWED = {
    ("pending", "processing"),
    ("processing", "processing"),
    ("processing", "completed"),
    ("processing", "retrying"),
    ("processing", "failed"),
    ("processing", "pending"),
    ("retrying", "processing"),
    ("retrying", "pending"),
    ("failed", "pending"),
    ("completed", "pending"),
}


@pytest.mark.parametrize("before", list(ProcessingStatus))
@pytest.mark.parametrize("after", list(ProcessingStatus))
def test_every_move_between_states_is_allowed_or_refused(
    app: Proofsheet, studio: Studio, photo: str, before: ProcessingStatus, after: ProcessingStatus
) -> None:
    held = claims.Claim(studio.file(photo).id, "token", 1)
    with app.app_context():
        db.session.execute(
            update(File).values(
                processing_status=before, lease_token="token", lease_expires_at=utc_now(), next_attempt_at=utc_now()
            )
        )
        db.session.commit()
        _move(held, after)
    assert (studio.file(photo).processing_status == after and changed(studio, photo, before, after)) is (
        (before, after) in ALLOWED
    )


def changed(studio: Studio, photo: str, before: ProcessingStatus, after: ProcessingStatus) -> bool:
    """Whether the row was written at all, which a move from a state to itself does not show."""
    return before != after or studio.file(photo).lease_token != "token"


def _move(held: claims.Claim, after: ProcessingStatus) -> None:
    if after == ProcessingStatus.PROCESSING:
        claims.acquire(held.file_id)
    elif after == ProcessingStatus.PENDING:
        if not claims.release(held):
            processing.restart(held.file_id)
    else:
        errors = {"completed": None, "retrying": StorageUnavailable("503"), "failed": ImageCorrupt("cut short")}
        with transaction() as session:
            claims.settle(session, held, errors[after])


PROCESSING, RETRYING = ProcessingStatus.PROCESSING, ProcessingStatus.RETRYING


@pytest.mark.parametrize(
    ("columns", "is_due"),
    [
        ({}, True),
        ({"upload_complete": False}, False),
        ({"mime_type": "application/pdf"}, False),
        (DELETED, False),
        ({"processing_status": RETRYING, "next_attempt_at": NOW}, True),
        ({"processing_status": RETRYING, "next_attempt_at": NOW + SOON}, False),
        ({"processing_status": PROCESSING, "lease_expires_at": None}, True),
        ({"processing_status": PROCESSING, "lease_expires_at": NOW}, True),
        ({"processing_status": PROCESSING, "lease_expires_at": NOW + SOON}, False),
        ({"processing_status": ProcessingStatus.COMPLETED, "next_attempt_at": NOW}, False),
        ({"processing_status": ProcessingStatus.FAILED, "lease_expires_at": NOW}, False),
    ],
)
def test_picture_is_due_once_its_time_has_come(
    app: Proofsheet, studio: Studio, photo: str, columns: dict[str, Any], *, is_due: bool
) -> None:
    studio.change(photo, **columns)
    with app.app_context():
        assert list(db.session.scalars(select(File.uuid).where(processing.is_due(NOW)))) == [photo] * is_due


def test_owner_can_restart_a_failed_file_but_not_a_completed_one(
    app: Proofsheet, studio: Studio, photo: str, queue: ManualQueue
) -> None:
    studio.change(photo, processing_status=ProcessingStatus.FAILED, attempts=4, error="broken", error_code="x")
    file_id = studio.file(photo).id
    with app.app_context():
        processing.retry(file_id)
    assert (studio.file(photo).processing_status, studio.file(photo).error) == ("pending", None)
    queue.run_due()
    assert studio.file(photo).processing_status == "completed"
    with app.app_context(), pytest.raises(Invalid):
        processing.retry(file_id)


def test_fresh_uploads_come_before_backfill(app: Proofsheet, studio: Studio, queue: ManualQueue) -> None:
    queue.paused = True
    collection = studio.collection(studio.photographer())
    old, new = (studio.file(studio.photo(collection, f"{n}.jpg", jpeg(60 + n))) for n in range(2))
    studio.change(old.uuid, created_at=utc_now() - timedelta(days=1))
    with app.app_context():
        assert processing.due(10) == [(new.id, True), (old.id, False)]


@pytest.mark.parametrize(("seconds", "fresh"), [(3599, True), (3600, False)])
def test_upload_is_fresh_for_an_hour(
    app: Proofsheet, studio: Studio, photo: str, monkeypatch: pytest.MonkeyPatch, seconds: int, fresh: bool
) -> None:
    monkeypatch.setattr(processing, "utc_now", lambda: NOW)
    studio.change(photo, created_at=NOW - timedelta(seconds=seconds))
    with app.app_context():
        assert processing.due(10) == [(studio.file(photo).id, fresh)]


@pytest.mark.parametrize(
    ("columns", "at_rest"),
    [
        ({}, False),
        ({"processing_status": ProcessingStatus.PROCESSING}, False),
        ({"processing_status": ProcessingStatus.RETRYING}, True),
        ({"processing_status": ProcessingStatus.COMPLETED}, True),
        (DELETED, True),
    ],
)
def test_file_is_idle_unless_a_worker_has_it_or_will_soon(
    app: Proofsheet, studio: Studio, photo: str, columns: dict[str, Any], at_rest: bool
) -> None:
    other = studio.photo(studio.collection(studio.photographer("other@example.com")))
    studio.change(other, processing_status=ProcessingStatus.FAILED)
    file_id = studio.file(photo).id
    studio.change(photo, **columns)
    with app.app_context():
        assert processing.is_at_rest(file_id) is at_rest


def test_rest_of_a_file_is_its_own(app: Proofsheet, studio: Studio, photo: str) -> None:
    failed = studio.photo(studio.collection(studio.photographer("other@example.com")))
    studio.change(failed, processing_status=ProcessingStatus.FAILED)
    ids = [studio.file(uuid).id for uuid in (photo, failed)]
    with app.app_context():
        assert [processing.is_at_rest(file_id) for file_id in ids] == [False, True]


EXHAUSTED: dict[str, Any] = {
    "processing_status": PROCESSING,
    "interruptions": isolation.GIVEN_UP_AFTER - 1,
    "started_at": NOW,
    "lease_token": "of the worker",
    "lease_expires_at": NOW + BEFORE,
}


@pytest.mark.parametrize(
    "columns",
    [
        {"lease_expires_at": NOW + timedelta(days=1)},
        {"interruptions": isolation.GIVEN_UP_AFTER - 2},
        DELETED,
    ],
    ids=["still working", "one interruption less", "deleted"],
)
def test_file_is_given_up_only_once_it_is_due_and_exhausted(
    app: Proofsheet, studio: Studio, photo: str, columns: dict[str, Any]
) -> None:
    studio.change(photo, **(EXHAUSTED | columns))
    with app.app_context():
        with statements() as seen:
            assert processing.give_up_exhausted() == 0
        assert db.session.scalar(select(File.processing_status)) == PROCESSING
    assert not any(statement.startswith("UPDATE") for statement in seen)  # which would take the lock for writing


def test_only_files_with_too_many_interruptions_fail(
    app: Proofsheet, studio: Studio, photo: str, queue: ManualQueue
) -> None:
    good = studio.photo(studio.collection(studio.photographer("other@example.com")))
    with app.app_context():
        assert processing.give_up_exhausted() == 0
    studio.change(photo, **EXHAUSTED)
    studio.change(good, processing_status=PROCESSING, lease_expires_at=NOW + timedelta(days=1))
    with app.app_context():
        assert [processing.give_up_exhausted() for _ in range(2)] == [1, 0]
    file = studio.file(photo)
    assert (file.processing_status, file.error_code, file.error) == ("failed", "gave_up", processing.GAVE_UP)
    assert (file.interruptions, file.lease_token, file.lease_expires_at) == (isolation.GIVEN_UP_AFTER, None, None)
    assert (studio.file(good).processing_status, studio.file(good).interruptions) == ("processing", 0)


FAILED_COLUMNS: dict[str, Any] = {
    "processing_status": ProcessingStatus.FAILED,
    "attempts": 4,
    "interruptions": 3,
    "next_attempt_at": utc_now(),
    "error": "broken",
    "error_code": "x",
}


@pytest.mark.parametrize(
    ("columns", "restarts"),
    [
        ({}, True),
        (DELETED, False),
        ({"lease_expires_at": utc_now() + timedelta(days=1)}, False),
        ({"lease_expires_at": utc_now() + BEFORE}, True),
        ({"processing_status": ProcessingStatus.PENDING}, False),
    ],
)
def test_restart_begins_with_the_first_attempt(
    app: Proofsheet, studio: Studio, photo: str, columns: dict[str, Any], restarts: bool
) -> None:
    other = studio.photo(studio.collection(studio.photographer("other@example.com")))
    file_id = studio.file(photo).id
    studio.change(other, **FAILED_COLUMNS)
    studio.change(photo, **(FAILED_COLUMNS | columns))
    with app.app_context():
        assert processing.restart(file_id, File.attempts < 4) is False
        assert processing.restart(file_id, File.attempts == 4) is restarts
        file = db.session.get_one(File, file_id)
        found = (file.attempts, file.interruptions, file.next_attempt_at, file.error, file.error_code)
        assert (found == (0, 0, None, None, None)) is restarts
    assert studio.file(other).processing_status == "failed"


def test_restart_of_no_files_restarts_none(app: Proofsheet, studio: Studio, photo: str) -> None:
    with app.app_context():
        assert processing.restart_all([]) == 0


def test_no_deleted_file_can_be_retried(app: Proofsheet, studio: Studio, photo: str) -> None:
    studio.change(photo, processing_status=ProcessingStatus.FAILED, **DELETED)
    with app.app_context():
        for file_id in (1, 2):
            with pytest.raises(NotFound):
                processing.retry(file_id)
