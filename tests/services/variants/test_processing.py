"""Processing states: the allowed transitions, retries, and the order of due files."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from app import Proofsheet
from app.errors import ImageCorrupt, Invalid, StorageUnavailable
from app.models import File, ProcessingStatus, db, utc_now
from app.services.transactions import transaction
from app.services.variants import claims, processing
from tests.support.app import ManualQueue
from tests.support.pictures import jpeg
from tests.support.studio import Studio


@pytest.fixture
def photo(studio: Studio, queue: ManualQueue) -> str:
    """The uuid of a photo that no worker has claimed."""
    queue.paused = True
    return studio.photo(studio.collection(studio.photographer()))


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
