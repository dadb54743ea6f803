"""Live rows, deleted rows and pictures are told apart by conditions of one module."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app import Proofsheet
from app.errors import NotFound
from app.models import Collection, File, db
from app.services import lookup
from app.services.trash.deletion import DeletionService
from tests.support.pictures import jpeg
from tests.support.studio import Studio


def uuids(app: Proofsheet, table: type[Collection] | type[File], *, deleted: bool) -> list[str]:
    """The rows that one of the two conditions finds."""
    condition = lookup.is_deleted(table) if deleted else lookup.is_live(table)
    with app.app_context():
        return list(db.session.scalars(select(table.uuid).where(condition)))


def test_deleted_file_is_not_live(app: Proofsheet, studio: Studio, collection: str) -> None:
    kept, gone = studio.photo(collection, "kept.jpg"), studio.photo(collection, "gone.jpg", jpeg(50, 50))
    with app.app_context():
        DeletionService().delete_file(lookup.file_by_uuid(gone).id, None)
    assert uuids(app, File, deleted=False) == [kept]
    assert uuids(app, File, deleted=True) == [gone]


def test_deleted_collection_is_not_live(app: Proofsheet, studio: Studio, collection: str) -> None:
    other = studio.collection(studio.photographer("bob@example.com"))
    with app.app_context():
        DeletionService().delete_collection(lookup.by_uuid(other).id, None)
    assert uuids(app, Collection, deleted=False) == [collection]
    assert uuids(app, Collection, deleted=True) == [other]


def test_picture_is_recognised_by_content_type(app: Proofsheet, studio: Studio, collection: str) -> None:
    photo, _ = studio.photo(collection), studio.photo(collection, "notes.pdf", b"%PDF-1.4\nnotes")
    with app.app_context():
        assert list(db.session.scalars(select(File.uuid).where(lookup.is_picture()))) == [photo]


def test_uuid_of_a_deleted_collection_is_not_found(app: Proofsheet, collection: str) -> None:
    with app.app_context():
        collection_id = lookup.by_uuid(collection).id
        assert lookup.uuid_of(collection_id) == collection
        assert not db.session().in_transaction()
        DeletionService().delete_collection(collection_id, None)
        with pytest.raises(NotFound):
            lookup.uuid_of(collection_id)
