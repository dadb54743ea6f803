"""Claims: acquired by one worker at a time, renewed, settled, released."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app import Proofsheet
from app.errors import AppError, DatabaseBusy, ImageCorrupt, StorageFull, StorageUnavailable
from app.models import File, ProcessingStatus, db, utc_now
from app.services.transactions import transaction
from app.services.variants import claims, isolation
from tests.support.statements import statements
from tests.support.studio import Studio

BEFORE, LATER = timedelta(seconds=-1), timedelta(minutes=5)
DELETED = {"deleted_at": utc_now(), "purge_after": utc_now() + timedelta(days=30)}


def acquire(app: Proofsheet, studio: Studio, photo: str) -> claims.Claim | None:
    file_id = studio.file(photo).id
    with app.app_context():
        return claims.acquire(file_id)


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
def test_worker_may_claim_due_files(
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
    assert (acquire(app, studio, photo) is not None) is may


def test_of_many_claims_at_once_one_wins(app: Proofsheet, studio: Studio, photo: str) -> None:
    won: list[claims.Claim | None] = []
    file_id = studio.file(photo).id
    start = threading.Barrier(6, timeout=60)

    def compete() -> None:
        with app.app_context():
            start.wait()
            won.append(claims.acquire(file_id))

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
    taken = acquire(app, studio, photo)
    assert taken
    first = studio.file(photo).lease_expires_at
    with app.app_context():
        lease = claims.HeldClaim(taken)
        lease.touch()
        assert studio.file(photo).lease_expires_at == first
        monkeypatch.setattr(claims, "RENEW_AFTER", timedelta(0))
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
        (4, StorageFull("full"), "retrying"),
        (1, ImageCorrupt("cut short"), "failed"),
    ],
)
def test_temporary_errors_are_retried_and_permanent_ones_are_not(attempt: int, error: AppError, status: str) -> None:
    target, columns = claims._failed(claims.Claim(1, "t", attempt), error)
    assert target == status
    if status == "retrying":
        assert columns["next_attempt_at"] > utc_now()
    else:
        assert columns["next_attempt_at"] is None


def test_interrupted_job_is_released_without_counting(app: Proofsheet, studio: Studio, photo: str) -> None:
    taken = acquire(app, studio, photo)
    assert taken
    with app.app_context(), claims.HeldClaim(taken):
        assert claims.release_all() == 1
        assert claims.release_all() == 0
    file = studio.file(photo)
    assert (file.processing_status, file.attempts) == ("pending", 0)
    assert (file.lease_token, file.lease_expires_at) == (None, None)


@pytest.mark.parametrize("lost", [{"token": "of another worker"}, {"file_id": 0}])
def test_lost_claim_is_not_released(app: Proofsheet, studio: Studio, photo: str, lost: dict[str, Any]) -> None:
    taken = acquire(app, studio, photo)
    assert taken
    with app.app_context():
        assert not claims.release(replace(taken, **lost))
    assert studio.file(photo).lease_token == taken.token


@pytest.mark.parametrize("end", [SystemExit, KeyboardInterrupt, DatabaseBusy])
def test_job_ended_without_fault_of_the_picture_is_released(
    app: Proofsheet, studio: Studio, photo: str, end: type[BaseException]
) -> None:
    taken = acquire(app, studio, photo)
    assert taken
    with app.app_context():
        with pytest.raises(end), claims.HeldClaim(taken):
            raise end
        claims.release_broken_off()
        with statements() as seen:
            claims.release_broken_off()  # there is nothing left to release
    assert seen == []
    file = studio.file(photo)
    assert (file.processing_status, file.attempts, file.interruptions) == ("pending", 0, 0)


def test_work_that_failed_for_the_picture_keeps_its_claim(app: Proofsheet, studio: Studio, photo: str) -> None:
    taken = acquire(app, studio, photo)
    assert taken
    with app.app_context():
        with pytest.raises(ImageCorrupt), claims.HeldClaim(taken):
            raise ImageCorrupt("cut short")
        claims.release_broken_off()
        assert claims.release_all() == 0
    assert studio.file(photo).lease_token == taken.token


def test_only_work_of_this_process_is_excused(app: Proofsheet, studio: Studio, photo: str) -> None:
    other = studio.photo(studio.collection(studio.photographer("other@example.com")))
    mine = acquire(app, studio, photo)
    assert mine
    assert acquire(app, studio, other)
    with app.app_context():
        with statements() as seen:
            claims.excuse_all()
        with claims.HeldClaim(mine):
            claims.excuse_all()
    assert seen == []
    assert (studio.file(photo).started_at, studio.file(other).started_at is None) == (None, False)


@pytest.mark.parametrize(("attempt", "longest"), [(1, 5), (2, 20), (3, 80), (5, 900), (10_000, 900)])
def test_waits_grow_and_are_spread(attempt: int, longest: int) -> None:
    waits = {claims.backoff(attempt).total_seconds() for _ in range(50)}
    assert longest / 2 <= min(waits) < max(waits) <= longest


@pytest.mark.parametrize(
    ("status", "interruptions", "may"),
    [
        ("pending", isolation.GIVEN_UP_AFTER - 1, True),
        ("pending", isolation.GIVEN_UP_AFTER, False),
        ("processing", isolation.GIVEN_UP_AFTER - 2, True),
        ("processing", isolation.GIVEN_UP_AFTER - 1, False),  # and this is one more
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
    assert (acquire(app, studio, photo) is not None) is may


@pytest.mark.parametrize(("seconds", "may"), [(39, False), (40, True)])
def test_claim_lasts_forty_seconds_after_it_was_renewed(
    app: Proofsheet, studio: Studio, photo: str, monkeypatch: pytest.MonkeyPatch, seconds: int, may: bool
) -> None:
    start = utc_now()
    clock = [start]
    monkeypatch.setattr(claims, "utc_now", lambda: clock[0])
    taken = acquire(app, studio, photo)
    assert taken
    with app.app_context(), claims.HeldClaim(taken) as held:
        for second in (9, 10, 15):  # renewed at the second of them only
            clock[0] = start + timedelta(seconds=second)
            held.touch()
    clock[0] = start + timedelta(seconds=10 + seconds)
    assert (acquire(app, studio, photo) is not None) is may


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
def test_variants_are_discarded_unless_another_worker_has_the_file(
    app: Proofsheet, studio: Studio, photo: str, columns: dict[str, Any], may: bool
) -> None:
    taken = acquire(app, studio, photo)
    assert taken
    soon = utc_now() + timedelta(seconds=1)
    studio.change(photo, lease_expires_at=soon, **columns)
    with app.app_context():
        assert claims.may_discard(taken) is may
        expires_at = db.session.get_one(File, taken.file_id).lease_expires_at
    assert expires_at
    assert (expires_at > soon) is ("lease_token" not in columns)


@pytest.mark.parametrize("is_purging", [True, False])
def test_discarding_depends_on_no_other_file(app: Proofsheet, studio: Studio, photo: str, *, is_purging: bool) -> None:
    other = studio.photo(studio.collection(studio.photographer("other@example.com")))
    purging, restored = (photo, other) if is_purging else (other, photo)
    claim = acquire(app, studio, photo)
    assert claim
    studio.change(purging, **DELETED, lease_token=None, purging_at=utc_now())
    studio.change(restored, **DELETED, lease_token=None)
    with app.app_context():
        assert claims.may_discard(claim) is is_purging


def test_claim_is_good_for_its_own_file_only(app: Proofsheet, studio: Studio, photo: str) -> None:
    other = studio.photo(studio.collection(studio.photographer("other@example.com")))
    taken = acquire(app, studio, photo)
    assert taken
    stray = replace(taken, file_id=studio.file(other).id)
    with app.app_context():
        assert not claims.may_discard(stray)
        with transaction() as session:
            assert not claims.settle(session, stray, None)
    assert studio.file(photo).processing_status == ProcessingStatus.PROCESSING


def test_variants_of_a_file_without_a_row_are_discarded(app: Proofsheet) -> None:
    with app.app_context():
        assert claims.may_discard(claims.Claim(1, "token", 1))


@pytest.mark.parametrize(
    ("columns", "settled"),
    [({}, True), ({"lease_token": "another worker"}, False), (DELETED, False)],
)
def test_only_the_holder_of_the_claim_of_a_live_file_settles_it(
    app: Proofsheet, studio: Studio, photo: str, columns: dict[str, Any], settled: bool
) -> None:
    taken = acquire(app, studio, photo)
    assert taken
    studio.change(photo, error="from before", error_code="x", **columns)
    with app.app_context(), transaction() as session:
        assert claims.settle(session, taken, None, thumb_path="t.jpg") is settled
    with app.app_context():
        file = db.session.get_one(File, taken.file_id)
        done = (file.processing_status, file.error, file.error_code, file.thumb_path, file.lease_token)
        assert (done == ("completed", None, None, "t.jpg", None)) is settled
        assert (file.completed_at is not None) is settled
        assert (file.lease_expires_at is None) is settled


def test_reason_of_a_failure_is_kept_and_cut_off(app: Proofsheet, studio: Studio, photo: str) -> None:
    taken = acquire(app, studio, photo)
    assert taken
    with app.app_context(), transaction() as session:
        claims.settle(session, taken, ImageCorrupt("x" * 600))
    file = studio.file(photo)
    assert (file.error, file.error_code, file.next_attempt_at) == ("x" * 500, ImageCorrupt.code, None)


def test_claim_counts_the_attempt_and_clears_the_retry_time(app: Proofsheet, studio: Studio, photo: str) -> None:
    before = utc_now()
    studio.change(photo, processing_status=ProcessingStatus.RETRYING, attempts=2, next_attempt_at=before)
    taken = acquire(app, studio, photo)
    file = studio.file(photo)
    assert taken == claims.Claim(file.id, str(file.lease_token), 3)
    assert (file.attempts, file.next_attempt_at) == (3, None)
    assert file.started_at
    assert file.started_at >= before
