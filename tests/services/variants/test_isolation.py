"""A photo that kills its worker fails; the photos beside it complete."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import Proofsheet
from app.errors import ImageCorrupt
from app.jobs import tasks
from app.models import File, ProcessingStatus, db, utc_now
from app.services import leases
from app.services.thumbnail_service import ThumbnailService
from app.services.variants import claims, isolation, processing
from app.services.variants.claims import Claim
from tests.support.app import ManualQueue
from tests.support.pictures import jpeg
from tests.support.studio import Studio

WORKERS = 3
GOOD = 5
BEFORE = timedelta(seconds=-1)


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
