"""Claims, leases and retries: who may process which file, and when."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app import Proofsheet
from app.errors import AppError, DatabaseBusy, ImageCorrupt, Invalid, NotFound, StorageFull, StorageUnavailable
from app.models import File, ProcessingStatus, db, utc_now
from app.services.variants import alone, processing
from tests.conftest import ManualQueue
from tests.factories import Studio, jpeg

BEFORE, LATER = timedelta(seconds=-1), timedelta(minutes=5)
DELETED = {"deleted_at": utc_now(), "purge_after": utc_now() + timedelta(days=30)}


@pytest.fixture
def photo(studio: Studio, queue: ManualQueue) -> str:
    """The uuid of a photograph that nobody has worked on."""
    queue.paused = True
    return studio.photo(studio.collection(studio.photographer()))


def claim(app: Proofsheet, studio: Studio, photo: str) -> processing.Claim | None:
    file_id = studio.file(photo).id
    with app.app_context():
        return processing.claim(file_id)


@pytest.mark.parametrize(
    ("status", "next_attempt", "lease", "may"),
    [
        ("pending", None, None, True),
        ("retrying", BEFORE, None, True),
        ("retrying", LATER, None, False),
        ("processing", None, LATER, False),
        ("processing", None, BEFORE, True),
        ("failed", None, None, False),
        ("completed", None, None, False),
    ],
)
def test_worker_may_claim_what_is_due(
    app: Proofsheet,
    studio: Studio,
    photo: str,
    status: str,
    next_attempt: timedelta | None,
    lease: timedelta | None,
    may: bool,
) -> None:
    columns: dict[str, Any] = {
        "processing_status": ProcessingStatus(status),
        "next_attempt_at": utc_now() + next_attempt if next_attempt else None,
        "lease_expires_at": utc_now() + lease if lease else None,
    }
    studio.change(photo, **columns)
    assert (claim(app, studio, photo) is not None) is may


@pytest.mark.parametrize(
    ("status", "interruptions", "may"),
    [
        ("pending", alone.GIVEN_UP_AFTER - 1, True),
        ("pending", alone.GIVEN_UP_AFTER, False),
        ("processing", alone.GIVEN_UP_AFTER - 2, True),
        ("processing", alone.GIVEN_UP_AFTER - 1, False),  # and this is one more
    ],
)
def test_file_that_was_interrupted_too_often_cannot_be_claimed(
    app: Proofsheet, studio: Studio, photo: str, status: str, interruptions: int, may: bool
) -> None:
    studio.change(
        photo,
        processing_status=ProcessingStatus(status),
        interruptions=interruptions,
        started_at=utc_now(),
        lease_expires_at=utc_now() + BEFORE,
    )
    assert (claim(app, studio, photo) is not None) is may


@pytest.mark.parametrize(("seconds", "may"), [(39, False), (40, True)])
def test_claim_lasts_forty_seconds_after_it_was_renewed(
    app: Proofsheet, studio: Studio, photo: str, monkeypatch: pytest.MonkeyPatch, seconds: int, may: bool
) -> None:
    start = utc_now()
    clock = [start]
    monkeypatch.setattr(processing, "utc_now", lambda: clock[0])
    taken = claim(app, studio, photo)
    assert taken
    with app.app_context(), processing.HeldClaim(taken) as held:
        for second in (9, 10, 15):  # renewed at the second of them only
            clock[0] = start + timedelta(seconds=second)
            held.touch()
    clock[0] = start + timedelta(seconds=10 + seconds)
    assert (claim(app, studio, photo) is not None) is may


@pytest.mark.parametrize(("minutes", "fresh"), [(59, True), (61, False)])
def test_upload_is_fresh_for_an_hour(app: Proofsheet, studio: Studio, photo: str, minutes: int, fresh: bool) -> None:
    studio.change(photo, created_at=utc_now() - timedelta(minutes=minutes))
    with app.app_context():
        assert processing.due(10) == [(studio.file(photo).id, fresh)]


@pytest.mark.parametrize(
    ("columns", "may"),
    [
        ({}, True),
        (DELETED, True),
        ({**DELETED, "lease_token": None}, False),  # restored, and not yet claimed again
        ({**DELETED, "lease_token": None, "purging_at": utc_now()}, True),
        ({"lease_token": "another worker"}, False),
    ],
)
def test_what_was_made_is_discarded_unless_another_worker_has_the_file(
    app: Proofsheet, studio: Studio, photo: str, columns: dict[str, Any], may: bool
) -> None:
    taken = claim(app, studio, photo)
    assert taken
    soon = utc_now() + timedelta(seconds=1)
    studio.change(photo, lease_expires_at=soon, **columns)
    with app.app_context():
        assert processing.may_discard(taken) is may
        expires_at = db.session.get_one(File, taken.file_id).lease_expires_at
    assert expires_at
    assert (expires_at > soon) is ("lease_token" not in columns)


def test_what_was_made_of_a_file_without_a_row_is_discarded(app: Proofsheet) -> None:
    with app.app_context():
        assert processing.may_discard(processing.Claim(1, "token", 1))


@pytest.mark.parametrize(
    ("columns", "settled"),
    [({}, True), ({"lease_token": "another worker"}, False), (DELETED, False)],
)
def test_work_is_settled_by_whoever_holds_the_claim_of_a_live_file(
    app: Proofsheet, studio: Studio, photo: str, columns: dict[str, Any], settled: bool
) -> None:
    taken = claim(app, studio, photo)
    assert taken
    studio.change(photo, error="from before", error_code="x", **columns)
    with app.app_context(), processing.transaction() as session:
        assert processing.settle(session, taken, None, thumb_path="t.jpg") is settled
    with app.app_context():
        file = db.session.get_one(File, taken.file_id)
        done = (file.processing_status, file.error, file.error_code, file.thumb_path, file.lease_token)
        assert (done == ("completed", None, None, "t.jpg", None)) is settled
        assert (file.completed_at is not None) is settled
        assert (file.lease_expires_at is None) is settled


def test_reason_of_a_failure_is_kept_and_cut_off(app: Proofsheet, studio: Studio, photo: str) -> None:
    taken = claim(app, studio, photo)
    assert taken
    with app.app_context(), processing.transaction() as session:
        processing.settle(session, taken, ImageCorrupt("x" * 600))
    file = studio.file(photo)
    assert (file.error, file.error_code, file.next_attempt_at) == ("x" * 500, ImageCorrupt.code, None)


def test_claim_clears_what_the_attempt_before_left(app: Proofsheet, studio: Studio, photo: str) -> None:
    before = utc_now()
    studio.change(photo, processing_status=ProcessingStatus.RETRYING, attempts=2, next_attempt_at=before)
    taken = claim(app, studio, photo)
    file = studio.file(photo)
    assert taken == processing.Claim(file.id, str(file.lease_token), 3)
    assert (file.attempts, file.next_attempt_at) == (3, None)
    assert file.started_at
    assert file.started_at >= before


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
def test_file_is_at_rest_unless_a_worker_has_it_or_will_at_once(
    app: Proofsheet, studio: Studio, photo: str, columns: dict[str, Any], at_rest: bool
) -> None:
    other = studio.photo(studio.collection(studio.photographer("other@example.com")))
    studio.change(other, processing_status=ProcessingStatus.FAILED)
    file_id = studio.file(photo).id
    studio.change(photo, **columns)
    with app.app_context():
        assert processing.is_at_rest(file_id) is at_rest


def test_only_the_exhausted_are_given_up(app: Proofsheet, studio: Studio, photo: str, queue: ManualQueue) -> None:
    good = studio.photo(studio.collection(studio.photographer("other@example.com")))
    exhausted = {
        "processing_status": ProcessingStatus.PROCESSING,
        "interruptions": alone.GIVEN_UP_AFTER - 1,
        "started_at": utc_now(),
        "lease_token": "of the dead worker",
        "lease_expires_at": utc_now() + BEFORE,
    }
    with app.app_context():
        assert processing.give_up_exhausted() == 0
    studio.change(photo, **exhausted)
    with app.app_context():
        assert [processing.give_up_exhausted() for _ in range(2)] == [1, 0]
    file = studio.file(photo)
    assert (file.processing_status, file.error_code, file.error) == ("failed", "gave_up", processing.GAVE_UP)
    assert (file.interruptions, file.lease_token, file.lease_expires_at) == (alone.GIVEN_UP_AFTER, None, None)
    assert (studio.file(good).processing_status, studio.file(good).interruptions) == ("pending", 0)


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
        ({"lease_expires_at": utc_now() + LATER}, False),
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


def test_restart_of_no_files_is_none(app: Proofsheet, studio: Studio, photo: str) -> None:
    with app.app_context():
        assert processing.restart_all([]) == 0


def test_no_deleted_file_can_be_retried(app: Proofsheet, studio: Studio, photo: str) -> None:
    studio.change(photo, processing_status=ProcessingStatus.FAILED, **DELETED)
    with app.app_context():
        for file_id in (1, 2):
            with pytest.raises(NotFound):
                processing.retry(file_id)


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
    held = processing.Claim(studio.file(photo).id, "token", 1)
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


def _move(held: processing.Claim, after: ProcessingStatus) -> None:
    if after == ProcessingStatus.PROCESSING:
        processing.claim(held.file_id)
    elif after == ProcessingStatus.PENDING:
        if not processing.hand_back(held):
            processing.restart(held.file_id)
    else:
        errors = {"completed": None, "retrying": StorageUnavailable("503"), "failed": ImageCorrupt("cut short")}
        with processing.transaction() as session:
            processing.settle(session, held, errors[after])


def test_of_many_claims_at_once_one_wins(app: Proofsheet, studio: Studio, photo: str) -> None:
    won: list[processing.Claim | None] = []
    file_id = studio.file(photo).id
    start = threading.Barrier(6, timeout=60)

    def compete() -> None:
        with app.app_context():
            start.wait()
            won.append(processing.claim(file_id))

    threads = [threading.Thread(target=compete) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len([each for each in won if each]) == 1
    assert studio.file(photo).attempts == 1


def test_lease_is_renewed_by_progress_but_not_at_every_step(
    app: Proofsheet, studio: Studio, photo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = claim(app, studio, photo)
    assert taken
    first = studio.file(photo).lease_expires_at
    with app.app_context():
        lease = processing.HeldClaim(taken)
        lease.touch()
        assert studio.file(photo).lease_expires_at == first
        monkeypatch.setattr(processing, "RENEW_AFTER", timedelta(0))
        lease.touch()
    renewed = studio.file(photo).lease_expires_at
    assert renewed
    assert first
    assert renewed > first


@pytest.mark.parametrize(
    ("attempt", "error", "status"),
    [
        (1, StorageUnavailable("503"), "retrying"),
        (3, StorageUnavailable("503"), "retrying"),
        (4, StorageUnavailable("503"), "failed"),
        (9, StorageFull("no space"), "retrying"),
        (1, ImageCorrupt("cut short"), "failed"),
    ],
)
def test_what_may_pass_is_tried_again_and_what_cannot_is_not(attempt: int, error: AppError, status: str) -> None:
    target, columns = processing._failed(processing.Claim(1, "t", attempt), error)
    assert target == status
    assert (columns["next_attempt_at"] is not None) is (status == "retrying")


def test_work_that_is_broken_off_is_handed_back_without_counting(app: Proofsheet, studio: Studio, photo: str) -> None:
    taken = claim(app, studio, photo)
    assert taken
    with app.app_context(), processing.HeldClaim(taken):
        assert processing.hand_back_all() == 1
        assert processing.hand_back_all() == 0
    file = studio.file(photo)
    assert (file.processing_status, file.attempts, file.lease_token) == ("pending", 0, None)


@pytest.mark.parametrize("end", [SystemExit, KeyboardInterrupt, DatabaseBusy])
def test_work_that_ended_for_no_fault_of_the_picture_is_handed_back(
    app: Proofsheet, studio: Studio, photo: str, end: type[BaseException]
) -> None:
    taken = claim(app, studio, photo)
    assert taken
    with app.app_context():
        with pytest.raises(end), processing.HeldClaim(taken):
            raise end
        processing.hand_back_owed()
    file = studio.file(photo)
    assert (file.processing_status, file.attempts, file.interruptions) == ("pending", 0, 0)


@pytest.mark.parametrize(("attempt", "longest"), [(1, 5), (2, 20), (3, 80), (4, 320), (5, 900), (2000, 900)])
def test_waits_grow_and_are_spread(attempt: int, longest: int) -> None:
    waits = {processing.backoff(attempt).total_seconds() for _ in range(50)}
    assert longest / 2 <= min(waits) < max(waits) <= longest


def test_owner_can_start_a_failed_file_anew_but_not_a_finished_one(
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
