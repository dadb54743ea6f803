"""Missing variants, their estimated size, and the progress of the work."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete

from app import Proofsheet
from app.imaging import variants
from app.models import ProcessingStatus, Variant, utc_now
from app.services.maintenance import analysis, failures, rows, status
from app.services.maintenance.analysis import Analysis, Analyzer, Need
from tests.support.gallery import Gallery


def analyse(app: Proofsheet) -> tuple[list[Need], Analysis]:
    with app.app_context():
        analyzer = Analyzer()
        return list(analyzer.needs()), analyzer.analysis


def test_missing_variants_are_named_and_small_originals_are_not_enlarged(gallery: Gallery) -> None:
    gallery.forget("small")
    gallery.set(width=1000, height=1500)
    (need,), sums = analyse(gallery.app)
    assert (need.uuid, need.missing) == (gallery.photo, ("large", "small"))
    assert need.not_enlarged == ("large", "medium")
    assert (sums.images, sums.lacking, sums.variants["small"].missing, sums.variants["thumb"].present) == (1, 1, 1, 1)


@pytest.mark.parametrize(
    ("name", "size", "smaller"),
    [
        ("medium", (1199, 9000), True),
        ("medium", (1200, 10), False),
        ("thumb", (199, 4000), True),
        ("thumb", (200, 200), False),
        ("large", (2047, 2047), True),
        ("large", (100, 2048), False),
    ],
)
def test_only_enlarging_could_reach_the_limit(name: str, size: tuple[int, int], smaller: bool) -> None:
    spec = variants.by_name(name)
    assert analysis.is_smaller_than_wanted(spec, variants.fit(spec, *size)) is smaller


def test_bytes_are_estimated_from_the_variants_that_exist(gallery: Gallery) -> None:
    made = next(row for row in gallery.studio.file(gallery.photo).variants if row.name == "small")
    with gallery.app.app_context():
        assert analysis.densities()["small"] == pytest.approx(made.size / (made.width * made.height))


def test_without_any_variant_the_usual_densities_and_24_megapixels_are_taken(gallery: Gallery) -> None:
    gallery.execute(delete(Variant))
    gallery.set(width=None, height=None)
    (need,), sums = analyse(gallery.app)
    assert sums.unknown_size == 1
    assert sums.variants["medium"].missing_bytes == round(1200 * 800 * analysis.DEFAULT_DENSITY["medium"])
    assert need.estimated_bytes == sum(tally.missing_bytes for tally in sums.variants.values())


def read(gallery: Gallery) -> status.PhotosStatus:
    with gallery.app.app_context():
        return status.read()


def test_idle_gallery_has_no_remaining_work(gallery: Gallery) -> None:
    found = read(gallery)
    assert (found.states["completed"], found.failed, found.seconds_left) == (1, 0, 0)
    assert found.oldest_waiting_seconds is None


def test_time_left_follows_from_the_recent_rate(gallery: Gallery) -> None:
    gallery.queue.paused = True
    waiting = gallery.studio.photo(gallery.collection, "next.jpg", b"x")
    gallery.studio.change(waiting, created_at=utc_now() - timedelta(minutes=5))
    found = read(gallery)
    assert found.per_minute == pytest.approx(0.1)
    assert found.seconds_left == 600
    assert found.oldest_waiting_seconds == pytest.approx(300, abs=20)
    gallery.set(completed_at=utc_now() - timedelta(minutes=30))
    assert read(gallery).per_minute == pytest.approx(1 / 60)
    gallery.set(completed_at=utc_now() - timedelta(days=1))
    assert read(gallery).seconds_left is None


def test_failures_are_counted_by_their_code(gallery: Gallery) -> None:
    gallery.set(processing_status=ProcessingStatus.FAILED, error_code="corrupt")
    assert read(gallery).failures == {"corrupt": 1}


@pytest.mark.parametrize(("state", "tried"), [("failed", 1), ("retrying", 1), ("completed", 0), ("pending", 0)])
def test_retry_starts_only_failed_or_waiting_files(gallery: Gallery, state: str, tried: int) -> None:
    gallery.set(processing_status=ProcessingStatus(state), attempts=4, next_attempt_at=utc_now() + timedelta(hours=1))
    with gallery.app.app_context():
        assert failures.retry_all(None, dry_run=True) == tried
        assert gallery.studio.file(gallery.photo).processing_status == ProcessingStatus(state)
        assert failures.retry_all(gallery.collection) == tried
    file = gallery.studio.file(gallery.photo)
    assert (file.processing_status, file.attempts) == (("pending", 0) if tried else (state, 4))


def test_file_completed_before_the_retry_is_not_started_again(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = gallery.studio.file(gallery.photo).id
    monkeypatch.setattr(rows, "ids", lambda *_conditions: iter([[ready]]))
    with gallery.app.app_context():
        assert failures.retry_all(None) == 0
