"""Backfill: missing variants are made once, even with other workers running."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import delete, update

from app import Proofsheet
from app.errors import Invalid, NotFound
from app.models import File, ProcessingStatus, Variant, db, utc_now
from app.services.maintenance.backfill import Backfill, Done, Wanted
from app.services.thumbnail_service import Outcome, ThumbnailService
from app.services.variants import claims
from app.services.variants.claims import Claim
from tests.support.app import ManualQueue
from tests.support.pictures import jpeg
from tests.support.studio import Studio

ALL = Wanted()


@pytest.fixture
def photos(studio: Studio, queue: ManualQueue, collection: str) -> list[str]:
    """Three prepared photographs."""
    return [studio.photo(collection, f"{red}.jpg", jpeg(colour=(red, 9, 9))) for red in (10, 100, 200)]


def run(app: Proofsheet, wanted: Wanted = ALL, workers: int = 2) -> Counter[str]:
    with app.app_context():
        return Counter(done.result for done in Backfill(wanted).run(workers))


def execute(app: Proofsheet, *statements: Any) -> None:
    with app.app_context():
        for statement in statements:
            db.session.execute(statement)
        db.session.commit()


def names(studio: Studio, photo: str) -> set[str]:
    return {row.name for row in studio.file(photo).variants}


def made_at(studio: Studio, photo: str, name: str = "small") -> Any:
    return next(row.created_at for row in studio.file(photo).variants if row.name == name)


def test_pictures_from_before_there_were_variants_get_them(app: Proofsheet, studio: Studio, photos: list[str]) -> None:
    older = {"thumb_path": None, "medium_path": None, "width": None, "height": None, "thumbnail_path": "old/thumb.jpg"}
    execute(app, delete(Variant), update(File).values(processing_status="pending", **older))
    assert run(app) == {"made": 3}
    for photo in photos:
        file = studio.file(photo)
        assert file.has_variants
        assert (file.width, file.thumbnail_path) == (60, "old/thumb.jpg")
        assert names(studio, photo) == {"thumb", "small", "medium"}


def test_pictures_with_the_two_paths_alone_get_the_variant_that_came_later(
    app: Proofsheet, studio: Studio, photos: list[str]
) -> None:
    execute(app, delete(Variant))
    assert run(app) == {"made": 3}
    assert names(studio, photos[0]) == {"thumb", "small", "medium"}


def test_complete_files_are_skipped(app: Proofsheet, studio: Studio, photos: list[str]) -> None:
    before = [made_at(studio, photo) for photo in photos]
    assert run(app) == {}
    assert [made_at(studio, photo) for photo in photos] == before


def test_force_recreates_all_variants(app: Proofsheet, studio: Studio, photos: list[str]) -> None:
    before = [made_at(studio, photo) for photo in photos]
    assert run(app, Wanted(force=True)) == {"made": 3}
    assert all(made_at(studio, photo) > then for photo, then in zip(photos, before, strict=True))


def test_force_rereads_dates(app: Proofsheet, studio: Studio, collection: str, queue: ManualQueue) -> None:
    dated = Image.Exif()
    dated[0x0132] = "2012:07:27 14:35:39"
    photo, future = studio.photo(collection, "dated.jpg", jpeg(exif=dated)), datetime(9101, 7, 27, tzinfo=UTC)
    studio.change(photo, taken_at=future, metadata_json={"taken_at": "9101-07-27T00:00:00"})
    run(app, Wanted(force=True))
    file = studio.file(photo)
    assert file.taken_at == datetime(2012, 7, 27, 14, 35, 39, tzinfo=UTC)
    assert file.metadata_json == {"taken_at": "2012-07-27T14:35:39", "taken_from": "exif_changed"}


def test_a_variant_on_demand_is_made_by_name(app: Proofsheet, studio: Studio, photos: list[str]) -> None:
    assert run(app, Wanted("large")) == {"made": 3}
    assert names(studio, photos[2]) == {"thumb", "small", "medium", "large"}
    assert run(app, Wanted("large")) == {}
    before = made_at(studio, photos[0], "large")
    assert run(app, Wanted("large", force=True)) == {"made": 3}
    assert made_at(studio, photos[0], "large") > before


def test_one_variant_of_the_upload_is_made_by_name(app: Proofsheet, studio: Studio, photos: list[str]) -> None:
    execute(app, delete(Variant).where(Variant.name == "small", Variant.file_id == studio.file(photos[1]).id))
    assert run(app, Wanted("thumb")) == {}
    assert run(app, Wanted("small")) == {"made": 1}


def test_only_the_collection_that_was_asked_for_is_worked_through(
    app: Proofsheet, studio: Studio, photos: list[str], collection: str
) -> None:
    other = studio.collection(studio.photographer("bob@example.com"))
    elsewhere = studio.photo(other)
    execute(app, delete(Variant))
    assert run(app, Wanted(collection_uuid=other)) == {"made": 1}
    assert names(studio, elsewhere)
    assert not names(studio, photos[0])
    with pytest.raises(NotFound):
        run(app, Wanted(collection_uuid="no such collection"))


def test_picture_claimed_by_a_server_is_skipped(app: Proofsheet, studio: Studio, photos: list[str]) -> None:
    execute(app, delete(Variant), update(File).values(processing_status="pending"))
    with app.app_context():
        assert claims.acquire(studio.file(photos[0]).id)
    assert run(app) == {"made": 2}
    assert run(app, Wanted(force=True)) == {"made": 2, "elsewhere": 1}


def test_picture_finished_by_the_server_during_the_run_is_skipped(
    app: Proofsheet, studio: Studio, photos: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    work_on = ThumbnailService._work

    def counted(self: ThumbnailService, claim: Claim) -> Outcome:
        made.append(claim.file_id)
        return work_on(self, claim)

    monkeypatch.setattr(ThumbnailService, "_work", counted)
    execute(app, delete(Variant), update(File).values(processing_status="pending"))
    with app.app_context():
        work = Backfill(Wanted()).run(1)
        next(work)
        for photo in photos[1:]:
            ThumbnailService().process(studio.file(photo).id)
        list(work)
    assert sorted(made) == sorted(studio.file(photo).id for photo in photos)


def test_failures_are_reported_with_reason_and_retried_only_if_forced(
    app: Proofsheet, studio: Studio, queue: ManualQueue, collection: str
) -> None:
    studio.photo(collection, "broken.jpg", jpeg()[:300])
    assert run(app) == {}
    with app.app_context():
        (done,) = Backfill(Wanted(force=True)).run(1)
    assert done.result == "failed"
    assert "JPEG" in done.words


def test_files_waiting_for_a_retry_are_left_waiting(app: Proofsheet, studio: Studio, photos: list[str]) -> None:
    later = utc_now() + timedelta(minutes=5)
    execute(app, update(File).values(processing_status=ProcessingStatus.RETRYING, next_attempt_at=later))
    assert run(app) == {}


def test_interrupted_forced_run_resumes_after_the_last_finished_picture(
    app: Proofsheet, studio: Studio, photos: list[str]
) -> None:
    with app.app_context():
        work = Backfill(Wanted(force=True)).run(1)
        first = next(work)
        with pytest.raises(KeyboardInterrupt):
            work.throw(KeyboardInterrupt)  # type: ignore[attr-defined]
        again = Backfill(Wanted(force=True))
        assert again.after == first.file_id
        done: list[Done] = list(again.run(1))
        assert [item.file_id for item in done] == [studio.file(photo).id for photo in photos[1:]]
        assert Backfill(Wanted(force=True)).after == 0
    assert all(studio.file(photo).processing_status == ProcessingStatus.COMPLETED for photo in photos)


def test_only_submitted_files_are_processed_by_the_server(
    app: Proofsheet, studio: Studio, queue: ManualQueue, photos: list[str]
) -> None:
    execute(app, delete(Variant).where(Variant.file_id != studio.file(photos[0]).id))
    before = made_at(studio, photos[0])
    with app.app_context():
        assert Backfill(Wanted()).hand_over(None) == 2
    assert studio.file(photos[1]).processing_status == ProcessingStatus.PENDING
    queue.run_due()
    assert names(studio, photos[1]) == names(studio, photos[2]) == {"thumb", "small", "medium"}
    assert made_at(studio, photos[0]) == before


def test_broker_gets_one_background_job_for_each_file(
    app: Proofsheet, studio: Studio, queue: ManualQueue, photos: list[str]
) -> None:
    queue.background.clear()
    with app.app_context():
        assert Backfill(Wanted("large")).hand_over(queue) == 3
        with pytest.raises(Invalid, match="QUEUE_URL"):
            Backfill(Wanted("large")).hand_over(None)
    assert queue.background == [(studio.file(photo).id, "large") for photo in photos]


def test_a_dry_run_counts_and_makes_nothing(app: Proofsheet, studio: Studio, photos: list[str]) -> None:
    execute(app, delete(Variant))
    with app.app_context():
        assert Backfill(Wanted()).dry_run() == 3
    assert not names(studio, photos[0])
