"""Claims, leases and retries: who may process which file, and when."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from app import Proofsheet
from app.errors import Invalid, StorageUnavailable
from app.models import ProcessingStatus, utc_now
from app.services import processing
from tests.conftest import ManualQueue
from tests.factories import Studio

BEFORE, LATER = timedelta(seconds=-1), timedelta(minutes=5)


@pytest.fixture
def photo(studio: Studio, queue: ManualQueue) -> str:
    """The uuid of a photograph that nobody has worked on."""
    queue.paused = True
    return studio.photo(studio.collection(studio.photographer()))


def claim(app: Proofsheet, studio: Studio, photo: str, **more: bool) -> processing.Claim | None:
    file_id = studio.file(photo).id
    with app.app_context():
        return processing.claim(file_id, **more)


@pytest.mark.parametrize(
    ("status", "next_attempt", "lease", "by_worker", "on_request"),
    [
        ("pending", None, None, True, True),
        ("retrying", BEFORE, None, True, True),
        ("retrying", LATER, None, False, True),
        ("processing", None, LATER, False, False),
        ("processing", None, BEFORE, True, True),
        ("failed", None, None, False, True),
        ("completed", None, None, False, True),
    ],
)
def test_who_may_claim(
    app: Proofsheet,
    studio: Studio,
    photo: str,
    status: str,
    next_attempt: timedelta | None,
    lease: timedelta | None,
    by_worker: bool,
    on_request: bool,
) -> None:
    columns: dict[str, Any] = {
        "processing_status": ProcessingStatus(status),
        "next_attempt_at": utc_now() + next_attempt if next_attempt else None,
        "lease_expires_at": utc_now() + lease if lease else None,
    }
    for asked, expected in ((False, by_worker), (True, on_request)):
        studio.change(photo, **columns)
        assert (claim(app, studio, photo, on_request=asked) is not None) is expected


def test_of_many_claims_at_once_one_wins(app: Proofsheet, studio: Studio, photo: str) -> None:
    won: list[processing.Claim | None] = []
    file_id = studio.file(photo).id
    start = threading.Barrier(6)

    def compete() -> None:
        with app.app_context():
            start.wait()
            won.append(processing.claim(file_id))

    threads = [threading.Thread(target=compete) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([each for each in won if each]) == 1
    assert studio.file(photo).attempts == 1


def test_lease_is_renewed_by_progress_but_not_at_every_step(
    app: Proofsheet, studio: Studio, photo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = claim(app, studio, photo)
    assert taken
    first = studio.file(photo).lease_expires_at
    with app.app_context():
        lease = processing.Lease(taken)
        lease.touch()
        assert studio.file(photo).lease_expires_at == first
        monkeypatch.setattr(processing, "RENEW_AFTER", timedelta(0))
        lease.touch()
    renewed = studio.file(photo).lease_expires_at
    assert renewed
    assert first
    assert renewed > first


def test_file_whose_process_died_every_time_fails_visibly(
    app: Proofsheet, studio: Studio, photo: str, queue: ManualQueue
) -> None:
    for _ in range(processing.MAX_ATTEMPTS):
        assert claim(app, studio, photo)
        studio.change(photo, lease_expires_at=utc_now() + BEFORE)
    queue.run_due()
    file = studio.file(photo)
    assert (file.processing_status, file.error_code) == ("failed", "gave_up")
    assert "original is safe" in (file.error or "")


@pytest.mark.parametrize(
    ("attempt", "transient", "status"),
    [(1, True, "retrying"), (3, True, "retrying"), (4, True, "failed"), (1, False, "failed")],
)
def test_what_may_pass_is_tried_again_and_what_cannot_is_not(attempt: int, transient: bool, status: str) -> None:
    columns = processing.failed(processing.Claim(1, "t", attempt), StorageUnavailable("503"), transient=transient)
    assert columns["processing_status"] == status
    assert (columns["next_attempt_at"] is not None) is (status == "retrying")


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
