"""A photo that kills its worker fails; the photos beside it complete."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import Proofsheet
from app.errors import ImageCorrupt
from app.jobs import tasks
from app.models import File, Lease, ProcessingStatus, db, utc_now
from app.services import leases
from app.services.thumbnail_service import ThumbnailService
from app.services.variants import claims, isolation, processing
from app.services.variants.claims import Claim
from tests.support.app import ManualQueue
from tests.support.pictures import jpeg
from tests.support.studio import Studio

WORKERS = 3
GOOD = 5
NOW = utc_now()
BEFORE, LATER = timedelta(seconds=-1), timedelta(minutes=5)


class Clock:
    """Time that passes only in `sleep`."""

    def __init__(self) -> None:
        self.now = 0.0
        self.naps: list[float] = []

    def monotonic(self) -> float:
        """Return the seconds slept."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.naps.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of a thread that waits for isolation."""
    clock = Clock()
    monkeypatch.setattr(isolation, "time", clock)
    return clock


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock by which leases expire at NOW."""
    for module in (isolation, leases):
        monkeypatch.setattr(module, "utc_now", lambda: NOW)


@pytest.fixture
def photos(studio: Studio, queue: ManualQueue, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids of photos that no worker has claimed; a wait for isolation ends at once."""
    monkeypatch.setattr(isolation, "WAIT_SECONDS", 0)
    queue.paused = True
    collection = studio.collection(studio.photographer())
    return [studio.file(studio.photo(collection, f"{n}.jpg", jpeg(60 + n))).id for n in range(GOOD + 1)]


def file(file_id: int) -> File:
    """The row as it is now."""
    db.session.rollback()
    return db.session.get_one(File, file_id)


def change(file_id: int, **columns: Any) -> None:
    """Set columns of a row."""
    db.session.execute(db.update(File).where(File.id == file_id).values(**columns))
    db.session.commit()


def lease(name: str, expires_at: datetime) -> None:
    """Create a lease of another process that expires at `expires_at`."""
    db.session.add(Lease(name=name, token="of another process", expires_at=expires_at))
    db.session.commit()


def interrupt(interruptions: dict[int, int]) -> None:
    """Have files been interrupted so many times."""
    for file_id, times in interruptions.items():
        db.session.execute(db.update(File).where(File.id == file_id).values(interruptions=times))
    db.session.commit()


def die(*file_ids: int) -> None:
    """Put the database into the state after the leases of a killed worker have expired."""
    for file_id in file_ids:
        file(file_id).lease_expires_at = utc_now() + BEFORE
        db.session.commit()


def shift(killers: set[int]) -> None:
    """One life of a worker: it claims as many as it has threads, and dies of the first killer among them."""
    processing.give_up_exhausted()
    held: list[Claim] = []
    for due in processing.due(100):
        if len(held) < WORKERS and (claim := claims.acquire(due.file_id)):
            held.append(claim)
    if killers.intersection(claim.file_id for claim in held):
        die(*(claim.file_id for claim in held))
    else:
        for claim in held:
            ThumbnailService()._work(claim)


@pytest.mark.parametrize("killers", [1, 2], ids=["one killer", "two killers"])
def test_only_the_photo_that_kills_workers_fails_and_others_complete(
    app: Proofsheet, photos: list[int], killers: int
) -> None:
    guilty, good = set(photos[:killers]), photos[killers:]
    with app.app_context():
        for _ in range(40):
            shift(guilty)
        assert {file(each).processing_status for each in good} == {ProcessingStatus.COMPLETED}
        for each in guilty:
            assert (file(each).processing_status, file(each).error_code) == (ProcessingStatus.FAILED, "gave_up")
            assert "the last 2 while nothing else was being prepared" in (file(each).error or "")
            assert "The original is saved" in (file(each).error or "")


def test_photo_that_was_interrupted_many_times_beside_others_is_prepared(app: Proofsheet, photos: list[int]) -> None:
    with app.app_context():
        interrupt(dict.fromkeys(photos, isolation.SUSPECT_AFTER - 1))
        for _ in range(3):  # in the first all are taken down, in the others one that is alone
            for due in processing.due(100):
                claims.acquire(due.file_id)
            die(*photos)
        while processing.due(100):
            shift(set())
        assert {file(each).processing_status for each in photos} == {ProcessingStatus.COMPLETED}


def test_suspect_waits_for_the_others_and_they_for_it(app: Proofsheet, photos: list[int]) -> None:
    suspect, other, third, *_ = photos
    with app.app_context():
        interrupt({suspect: isolation.SUSPECT_AFTER})
        running = claims.acquire(other)
        assert running is not None
        assert claims.acquire(suspect) is None
        claims.release(running)
        isolated = claims.acquire(suspect)
        assert isolated is not None
        assert claims.acquire(third) is None
        claims.release(isolated)
        assert claims.acquire(third) is not None


def test_no_job_starts_while_a_suspect_waits_for_isolation(app: Proofsheet, photos: list[int]) -> None:
    with app.app_context():
        token = leases.acquire(isolation.LEASE, isolation.LEASE_LIFETIME)
        assert token is not None
        assert claims.acquire(photos[0]) is None
        leases.release(isolation.LEASE, token)
        assert claims.acquire(photos[0]) is not None


def test_suspect_waits_for_a_variant_that_is_made_on_demand(app: Proofsheet, photos: list[int]) -> None:
    with app.app_context():
        interrupt({photos[0]: isolation.SUSPECT_AFTER})
        token = leases.acquire(f"variant/{photos[1]}/large", timedelta(minutes=1))
        assert token is not None
        assert claims.acquire(photos[0]) is None
        leases.release(f"variant/{photos[1]}/large", token)
        leases.acquire(f"variant/{photos[1]}/large/failed", timedelta(minutes=1))
        assert claims.acquire(photos[0]) is not None


def test_suspects_are_due_last_the_least_suspect_first(app: Proofsheet, photos: list[int]) -> None:
    with app.app_context():
        interrupt(dict(zip(photos, (3, 2, 0, 1, 2, 0), strict=True)))
        found = [due.file_id for due in processing.due(100)]
    assert found == [photos[n] for n in (2, 3, 5, 1, 4, 0)]


def test_ordered_shutdown_is_not_counted_as_interruption(app: Proofsheet, photos: list[int]) -> None:
    with app.app_context():
        claim = claims.acquire(photos[0])
        assert claim is not None
        with claims.HeldClaim(claim):
            tasks.record_shutdown(app)
            die(photos[0])  # its supervisor did not wait for the end of the picture
        again = claims.acquire(photos[0])
        assert again is not None
        assert (file(photos[0]).interruptions, again.attempt) == (0, 1)


def test_interruptions_do_not_count_as_attempts(app: Proofsheet, photos: list[int]) -> None:
    with app.app_context():
        for _ in range(3):
            claim = claims.acquire(photos[0])
            assert claim is not None
            assert claim.attempt == 1
            die(photos[0])


def test_retry_by_the_owner_resets_interruptions(app: Proofsheet, photos: list[int]) -> None:
    with app.app_context():
        db.session.execute(
            db.update(File)
            .where(File.id == photos[0])
            .values(processing_status=ProcessingStatus.FAILED, interruptions=4, error=ImageCorrupt("x").message)
        )
        db.session.commit()
        processing.retry(photos[0])
        assert claims.acquire(photos[0]) is not None
        assert file(photos[0]).interruptions == 0


# columns of another file, a lease that is held until then: other work is running, isolation blocks
PROCESSING, SUSPECT = ProcessingStatus.PROCESSING, isolation.SUSPECT_AFTER
RUNNING = {"processing_status": PROCESSING, "lease_expires_at": NOW + LATER}
OTHERS: list[tuple[dict[str, Any], tuple[str, timedelta] | None, bool, bool]] = [
    ({}, None, False, False),
    (RUNNING, None, True, False),
    (RUNNING | {"interruptions": SUSPECT - 1}, None, True, False),
    (RUNNING | {"interruptions": SUSPECT}, None, True, True),
    (RUNNING | {"interruptions": SUSPECT, "lease_expires_at": NOW}, None, False, False),
    (RUNNING | {"interruptions": SUSPECT, "processing_status": ProcessingStatus.PENDING}, None, False, False),
    ({}, (isolation.LEASE, LATER), False, True),
    ({}, (isolation.LEASE, timedelta(0)), False, False),
    ({}, ("sweep", LATER), False, False),
    ({}, ("variant/1/large", LATER), True, False),
    ({}, ("variant/1/large", timedelta(0)), False, False),
    ({}, ("variant/1/large/failed", LATER), False, False),
]


@pytest.mark.usefixtures("stopped")
@pytest.mark.parametrize(("columns", "held", "is_running", "is_blocked"), OTHERS)
def test_work_waits_for_what_another_file_or_process_has_in_hand(
    app: Proofsheet,
    photos: list[int],
    columns: dict[str, Any],
    held: tuple[str, timedelta] | None,
    *,
    is_running: bool,
    is_blocked: bool,
) -> None:
    one, other, *_ = photos
    with app.app_context():
        if columns:
            change(other, **columns)
        if held:
            lease(held[0], NOW + held[1])
        assert isolation._is_other_work_running(one) is is_running
        assert isolation.check(one) == (False, is_blocked)
        assert isolation.is_blocked() is isolation.is_blocked(one) is is_blocked


@pytest.mark.usefixtures("stopped")
def test_file_is_not_other_work_than_itself(app: Proofsheet, photos: list[int]) -> None:
    with app.app_context():
        change(photos[0], **RUNNING, interruptions=isolation.SUSPECT_AFTER)
        assert isolation.check(photos[0]) == (True, False)
        assert not isolation._is_other_work_running(photos[0])


@pytest.mark.usefixtures("stopped")
def test_unknown_file_needs_no_isolation(app: Proofsheet, photos: list[int]) -> None:
    with app.app_context():
        lease(isolation.LEASE, NOW + LATER)
        assert isolation.check(max(photos) + 1) == (False, False)


@pytest.mark.parametrize(
    ("status", "started_at", "counted"),
    [
        (ProcessingStatus.PENDING, None, 1),
        (ProcessingStatus.PENDING, NOW, 1),
        (ProcessingStatus.PROCESSING, None, 1),  # its worker was shut down
        (ProcessingStatus.PROCESSING, NOW, 2),
    ],
)
def test_present_run_counts_as_an_interruption(
    app: Proofsheet, photos: list[int], status: ProcessingStatus, started_at: datetime | None, counted: int
) -> None:
    with app.app_context():
        change(photos[0], processing_status=status, started_at=started_at, interruptions=1)
        assert db.session.scalar(select(isolation.interruptions()).where(File.id == photos[0])) == counted


@pytest.mark.parametrize(("found_at", "naps"), [(0, 0), (2, 2), (4, 4), (5, 4)])
def test_wait_for_isolation_ends_after_ten_seconds(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, found_at: int, naps: int
) -> None:
    monkeypatch.setattr(isolation, "POLL_SECONDS", 2.5)
    assert isolation._wait_for(lambda: len(clock.naps) == found_at) is (naps == found_at)
    assert clock.naps == [2.5] * naps


def test_wait_for_isolation_polls_five_times_a_second(clock: Clock) -> None:
    assert isolation._wait_for(lambda: len(clock.naps) == 2)
    assert clock.naps == [0.2, 0.2]


@pytest.mark.usefixtures("stopped")
@pytest.mark.parametrize(("seconds", "is_blocked"), [(14, True), (15, False)])
def test_wait_for_isolation_blocks_other_work_for_fifteen_seconds(
    app: Proofsheet, photos: list[int], monkeypatch: pytest.MonkeyPatch, seconds: int, *, is_blocked: bool
) -> None:
    with app.app_context():
        with isolation.exclusive(photos[0]) as is_exclusive:
            assert is_exclusive
            monkeypatch.setattr(isolation, "utc_now", lambda: NOW + timedelta(seconds=seconds))
            assert isolation.is_blocked(photos[1]) is is_blocked
        assert not isolation.is_blocked(photos[1])


@pytest.mark.usefixtures("stopped")
def test_suspect_does_not_join_another_in_isolation(app: Proofsheet, photos: list[int]) -> None:
    with app.app_context():
        lease(isolation.LEASE, NOW + LATER)
        with isolation.exclusive(photos[0]) as is_exclusive:
            assert not is_exclusive
        assert isolation.is_blocked()
