"""Claims, leases and retries: who may process which file, and when."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app import Proofsheet
from app.errors import AppError, DatabaseBusy, ImageCorrupt, Invalid, StorageUnavailable
from app.models import File, ProcessingStatus, db, utc_now
from app.services.variants import processing
from tests.support.app import ManualQueue
from tests.support.pictures import jpeg
from tests.support.studio import Studio

BEFORE, LATER = timedelta(seconds=-1), timedelta(minutes=5)


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


@pytest.mark.parametrize(("attempt", "longest"), [(1, 5), (2, 20), (3, 80)])
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
