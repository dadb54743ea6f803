"""Deletion and restoring: what is hidden, and what can be restored."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, update

from app import Proofsheet
from app.errors import AppError, BeingRemoved, Conflict, NotFound, TwinExists
from app.models import File, ProcessingStatus, db, utc_now
from app.services import lookup
from app.services.collections import editing, overview
from app.services.thumbnail_service import ThumbnailService
from app.services.trash import contents
from app.services.trash.deletion import DeletionService
from app.services.variants import claims, processing
from app.services.variants.single import SingleVariant
from tests.support.app import ManualQueue
from tests.support.bin import Bin, names, objects
from tests.support.pictures import jpeg
from tests.support.studio import Studio


@pytest.fixture
def owner_id(studio: Studio) -> int:
    """Ada."""
    return studio.photographer()


@pytest.fixture
def collection(studio: Studio, owner_id: int) -> str:
    """Her collection."""
    return studio.collection(owner_id)


def test_deleted_file_is_hidden_but_keeps_its_objects(
    app: Proofsheet, studio: Studio, collection: str, bin: Bin
) -> None:
    photo = studio.photo(collection)
    before = objects(app)
    deleted = bin.delete_file(photo)
    assert timedelta(days=29) < deleted.recoverable_until - utc_now() < timedelta(days=30)
    assert objects(app) == before
    assert names(app, collection) == []
    with app.app_context():
        with pytest.raises(NotFound):
            lookup.file_by_uuid(photo)
        [summary] = overview.owned_by(1)
        assert (summary.file_count, summary.cover) == (0, None)


@pytest.mark.parametrize("status", list(ProcessingStatus))
def test_no_worker_takes_a_deleted_file(
    app: Proofsheet, studio: Studio, collection: str, bin: Bin, status: ProcessingStatus
) -> None:
    photo = studio.photo(collection)
    studio.change(photo, processing_status=status, next_attempt_at=utc_now() - timedelta(days=1))
    file_id = bin.id_of(photo)
    bin.delete_file(photo)
    with app.app_context():
        assert processing.due(10) == []
        assert claims.acquire(file_id) is None
        assert not processing.restart(file_id)
        assert not SingleVariant().make(file_id, "large")
        for refused in (lambda: processing.retry(file_id), lambda: ThumbnailService()._generate(file_id)):
            with pytest.raises(NotFound):
                refused()


def test_restored_file_is_as_it_was(app: Proofsheet, studio: Studio, collection: str, bin: Bin) -> None:
    photo = studio.photo(collection)
    before = studio.file(photo)
    bin.delete_file(photo)
    bin.call("restore_file", photo)
    after = studio.file(photo)
    assert [(row.path, row.size) for row in after.variants] == [(row.path, row.size) for row in before.variants]
    assert after.has_variants
    assert (after.deleted_at, after.purge_after, after.deleted_by_id) == (None, None, None)


def test_file_restored_before_it_had_variants_gets_them(
    studio: Studio, queue: ManualQueue, collection: str, bin: Bin
) -> None:
    queue.paused = True
    photo = studio.photo(collection)
    bin.delete_file(photo)
    queue.run_due()
    bin.call("restore_file", photo)
    queue.run_due()
    assert studio.file(photo).has_variants


def test_same_bytes_are_a_new_file_after_deletion(studio: Studio, collection: str, bin: Bin) -> None:
    first = studio.photo(collection)
    bin.delete_file(first)
    second = studio.photo(collection, "again.jpg")
    assert first != second
    bin.delete_file(second)
    assert studio.photo(collection) not in (first, second)


def test_file_with_a_live_duplicate_cannot_be_restored_and_names_it(studio: Studio, collection: str, bin: Bin) -> None:
    photo = studio.photo(collection)
    bin.delete_file(photo)
    twin = studio.photo(collection, "again.jpg")
    with pytest.raises(TwinExists, match=r"again\.jpg"):
        bin.call("restore_file", photo)
    bin.delete_file(twin)
    bin.call("restore_file", photo)
    assert studio.file(photo).original_filename == "photo.jpg"


def test_collection_is_restored_with_exactly_the_files_deleted_with_it(
    app: Proofsheet, studio: Studio, collection: str, bin: Bin
) -> None:
    early, stays = studio.photo(collection, "early.jpg"), studio.photo(collection, "stays.jpg", jpeg(61))
    bin.delete_file(early)
    bin.delete_collection(collection)
    with app.app_context():
        for find, uuid in ((lookup.by_uuid, collection), (lookup.file_by_uuid, stays)):
            with pytest.raises(NotFound):
                find(uuid)
        assert overview.owned_by(1) == []
        with pytest.raises(NotFound):
            editing.update(bin.id_of(collection), editing.CollectionDetails("New"))
    with pytest.raises(Conflict, match="collection of this file is in the bin"):
        bin.call("restore_file", early)
    bin.call("restore_collection", collection)
    assert names(app, collection) == ["stays.jpg"]
    bin.call("restore_file", early)
    assert sorted(names(app, collection)) == ["early.jpg", "stays.jpg"]


@pytest.mark.parametrize("method", ["delete_file", "delete_collection"])
def test_deleted_items_cannot_be_deleted_again(studio: Studio, collection: str, bin: Bin, method: str) -> None:
    uuid = studio.photo(collection) if method == "delete_file" else collection
    bin.call(method, uuid, None)
    with pytest.raises(NotFound):
        bin.call(method, uuid, None)


@pytest.mark.parametrize(
    ("method", "error"),
    [
        ("restore_file", NotFound),
        ("delete_file_permanently", NotFound),
        ("restore_collection", NotFound),
        ("delete_collection_permanently", NotFound),
    ],
)
def test_items_outside_the_bin_cannot_be_restored(
    studio: Studio, collection: str, bin: Bin, method: str, error: type[AppError]
) -> None:
    uuid = studio.photo(collection) if method.endswith("file") else collection
    with pytest.raises(error):
        bin.call(method, uuid)


@pytest.mark.parametrize("kind", ["file", "collection"])
def test_items_being_purged_cannot_be_restored(
    studio: Studio, queue: ManualQueue, collection: str, bin: Bin, kind: str
) -> None:
    photo = studio.photo(collection)
    uuid = photo if kind == "file" else collection
    bin.call(f"delete_{kind}", uuid, None)
    queue.paused = True
    bin.call(f"delete_{kind}_permanently", uuid)
    with pytest.raises(BeingRemoved):
        bin.call(f"restore_{kind}", uuid)


def test_deleting_and_restoring_takes_as_many_statements_for_many_files_as_for_few(
    app: Proofsheet, studio: Studio, owner_id: int, bin: Bin
) -> None:
    counts = []
    for files in (1, 400):
        uuid = studio.collection(owner_id)
        collection_id = bin.id_of(uuid)
        with app.app_context():
            rows = [
                File(
                    filename=f"{uuid}{n}",
                    original_filename="a",
                    storage_path=f"{uuid}/{n}",
                    collection_id=collection_id,
                )
                for n in range(files)
            ]
            db.session.add_all(rows)
            db.session.commit()
        for method in ("delete_collection", "restore_collection", "delete_collection", "delete_collection_permanently"):
            counts.append((files, method, statements_of(app, method, collection_id)))
    few, many = ([(m, n) for f, m, n in counts if f == size] for size in (1, 400))
    assert few == many
    assert max(n for _, n in many) <= 6


def statements_of(app: Proofsheet, method: str, collection_id: int) -> int:
    """How many statements one call takes, BEGIN and COMMIT left out."""
    seen: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *context: seen.append(context[2]))
        call = getattr(DeletionService(), method)
        call(collection_id, None) if method == "delete_collection" else call(collection_id)
    return sum(not statement.startswith(("BEGIN", "COMMIT")) for statement in seen)


def test_bin_shows_deleter_item_and_expiry(
    app: Proofsheet, studio: Studio, owner_id: int, collection: str, bin: Bin
) -> None:
    photo, other = studio.photo(collection), studio.collection(owner_id, title="Portraits")
    hidden = studio.photo(other, "hidden.jpg")
    bin.call("delete_file", photo, owner_id)
    bin.call("delete_file", hidden, owner_id)
    bin.call("delete_collection", other, owner_id)
    stranger = studio.photographer("grace@example.com", name="Grace")
    with app.app_context():
        [file], [deleted] = (lambda found: (found.files, found.collections))(contents.contents(owner_id))
        assert (file.uuid, file.name, file.detail, file.deleted_by) == (photo, "photo.jpg", "Wedding", "Ada")
        assert (deleted.name, deleted.file_count) == ("Portraits", 0)
        assert file.recoverable_until
        assert contents.contents(stranger) == contents.Bin([], [], 0)
        assert len(contents.contents(stranger, all_owners=True).files) == 1


def test_bin_names_no_deleter_after_the_account_is_deleted(
    app: Proofsheet, studio: Studio, collection: str, bin: Bin
) -> None:
    bin.delete_file(studio.photo(collection))
    with app.app_context():
        db.session.execute(update(File).values(deleted_by_id=None))
        assert contents.contents(1).files[0].deleted_by == ""
        db.session.rollback()
