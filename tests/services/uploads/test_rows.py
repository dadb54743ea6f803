"""Rows of uploads: which is the oldest, and when one counts as touched."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from app import Proofsheet
from app.models import Upload, db, utc_now
from app.services import lookup
from app.services.uploads import rows
from app.services.uploads.resumable import ResumableService
from app.services.uploads.rows import Announced
from tests.support.studio import Studio

MINUTE = timedelta(minutes=1)


def begin(collection_id: int, owner_id: int, name: str, age: timedelta) -> int:
    """The id of an upload that was touched so long ago."""
    announced = Announced(name, 10, hashlib.sha256(name.encode()).hexdigest())
    begun = ResumableService().begin(collection_id, owner_id, announced).progress
    assert begun is not None
    upload = rows.by_uuid(begun.uuid)
    upload.touched_at = utc_now() - age
    db.session.commit()
    return upload.id


@pytest.fixture
def ids(app: Proofsheet, studio: Studio) -> list[int]:
    """Uploads touched half a minute, three and two minutes ago."""
    owner_id = studio.photographer()
    collection = studio.collection(owner_id)
    with app.app_context():
        collection_id = lookup.by_uuid(collection).id
        return [begin(collection_id, owner_id, f"{minutes}.jpg", minutes * MINUTE) for minutes in (0.5, 3, 2)]


def touched(upload_id: int) -> object:
    return db.session.scalar(db.select(Upload.touched_at).where(Upload.id == upload_id))


def test_least_recently_touched_come_first(app: Proofsheet, ids: list[int]) -> None:
    young, oldest, old = ids
    with app.app_context():
        assert [row.id for row in rows.find_oldest(limit=9)] == [oldest, old, young]
        assert [row.id for row in rows.find_oldest(limit=2)] == [oldest, old]
        assert [row.id for row in rows.find_oldest(Upload.id != oldest, limit=1)] == [old]


@pytest.mark.parametrize(("place", "moves"), [(0, False), (1, True)])
def test_upload_is_touched_once_a_minute_and_alone(app: Proofsheet, ids: list[int], place: int, moves: bool) -> None:
    with app.app_context():
        before = [touched(upload_id) for upload_id in ids]
        rows.touch(ids[place])
        moved = [touched(upload_id) != was for upload_id, was in zip(ids, before, strict=True)]
    assert moved == [moves and number == place for number in range(len(ids))]
