"""The bin: deleted files and collections that can be restored or are being deleted permanently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.errors import NotFound
from app.models import Collection, File, db
from app.services.lookup import is_deleted, is_live

SHOWN = 200  # the files, and the collections, that were deleted last


@dataclass(frozen=True)
class BinItem:
    """A file or a collection in the bin; `recoverable_until` is None once its permanent deletion has begun."""

    uuid: str
    name: str
    detail: str
    file_count: int
    size: int
    deleted_at: datetime
    deleted_by: str
    recoverable_until: datetime | None
    attempts: int


@dataclass(frozen=True)
class Bin:
    """The items of the bin, at most SHOWN of each kind; `more` is the number of items beyond these."""

    collections: list[BinItem]
    files: list[BinItem]
    more: int


def contents(user_id: int, *, all_owners: bool = False) -> Bin:
    """Return deleted files and collections, last deleted first, of one owner or (for administrators) of all."""
    mine = [] if all_owners else [Collection.owner_id == user_id]
    collections, hidden_collections = _collections(mine)
    files, hidden_files = _files(mine)
    return Bin(collections, files, hidden_collections + hidden_files)


def file_in_bin(uuid: str) -> File:
    """Return a deleted file; raises NotFound if it is not in the bin."""
    file = db.session.scalar(select(File).where(File.uuid == uuid, is_deleted(File)))
    if file is None:
        raise NotFound
    return file


def collection_in_bin(uuid: str) -> Collection:
    """Return a deleted collection; raises NotFound if it is not in the bin."""
    query = select(Collection).where(Collection.uuid == uuid, is_deleted(Collection))
    collection = db.session.scalar(query)
    if collection is None:
        raise NotFound
    return collection


def _collections(mine: list[ColumnElement[bool]]) -> tuple[list[BinItem], int]:
    deleted = [is_deleted(Collection), *mine]
    query = select(Collection).where(*deleted).options(joinedload(Collection.deleted_by))
    found = db.session.scalars(query.order_by(Collection.deleted_at.desc(), Collection.id.desc()).limit(SHOWN)).all()
    contained = {row.collection_id: row for row in _contained([collection.id for collection in found])}
    total = db.session.scalar(select(func.count(Collection.id)).where(*deleted)) or 0
    return [_collection(each, contained.get(each.id)) for each in found], total - len(found)


def _contained(collection_ids: list[int]) -> Sequence[Row[int, int, int]]:
    query = (
        select(File.collection_id, func.count(File.id).label("files"), func.sum(File.size).label("size"))
        .where(File.collection_id.in_(collection_ids), File.deleted_with_collection)
        .group_by(File.collection_id)
    )
    return db.session.execute(query).all()


def _files(mine: list[ColumnElement[bool]]) -> tuple[list[BinItem], int]:
    """Files whose collection is not deleted; the others are restored or purged with their collection."""
    deleted = [is_deleted(File), is_live(Collection), *mine]
    query = select(File).join(File.collection).where(*deleted)
    with_names = query.options(contains_eager(File.collection), joinedload(File.deleted_by))
    found = db.session.scalars(with_names.order_by(File.deleted_at.desc(), File.id.desc()).limit(SHOWN)).all()
    total = db.session.scalar(select(func.count(File.id)).join(File.collection).where(*deleted)) or 0
    return [_file(each) for each in found], total - len(found)


def _collection(collection: Collection, contained: Row[int, int, int] | None) -> BinItem:
    count, size = (contained.files, int(contained.size)) if contained else (0, 0)
    return _item(collection, collection.title, "", count, size)


def _file(file: File) -> BinItem:
    return _item(file, file.original_filename, file.collection.title, 1, file.size)


def _item(row: File | Collection, name: str, detail: str, count: int, size: int) -> BinItem:
    assert row.deleted_at is not None
    return BinItem(
        uuid=row.uuid,
        name=name,
        detail=detail,
        file_count=count,
        size=size,
        deleted_at=row.deleted_at,
        deleted_by=(row.deleted_by.name or row.deleted_by.email) if row.deleted_by else "",
        recoverable_until=row.purge_after if row.purging_at is None else None,
        attempts=row.purge_attempts,
    )
