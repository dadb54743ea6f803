"""Lookup of live rows, and the only definitions of the conditions live, deleted and picture.

Files are found only if their upload is complete.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import Session, selectinload

from app.errors import NotFound
from app.models import Collection, File, db
from app.services.transactions import reading


def is_live(table: type[Collection] | type[File]) -> ColumnElement[bool]:
    """Return the condition for a row not to be deleted."""
    return table.deleted_at.is_(None)


def is_deleted(table: type[Collection] | type[File]) -> ColumnElement[bool]:
    """Return the condition for a row to be deleted: in the bin, or being removed permanently."""
    return table.deleted_at.is_not(None)


def is_picture() -> ColumnElement[bool]:
    """Return `File.is_image` as a condition."""
    return File.mime_type.like("image/%")


def by_uuid(uuid: str) -> Collection:
    """Return the live collection with this uuid; raises NotFound."""
    collection: Collection | None = db.session.scalar(_by_uuid(), {"uuid": uuid})
    if collection is None:
        raise NotFound
    return collection


@cache
def _by_uuid() -> Select[Collection]:
    """The statement of `by_uuid`, which each page needs; building it takes longer than executing it."""
    return select(Collection).where(Collection.uuid == bindparam("uuid"), is_live(Collection))


def require_live(session: Session, collection_id: int) -> None:
    """Raise NotFound if the collection was deleted, and lock its row against deletion until the transaction ends."""
    live = select(Collection.id).where(Collection.id == collection_id, is_live(Collection))
    if session.scalar(live.with_for_update(read=True)) is None:
        raise NotFound


def uuid_of(collection_id: int) -> str:
    """Return the uuid of a collection; raises NotFound if it was deleted."""
    live = select(Collection.uuid).where(Collection.id == collection_id, is_live(Collection))
    with reading() as session:
        uuid = session.scalar(live)
    if uuid is None:
        raise NotFound
    return uuid


def file_by_uuid(uuid: str) -> File:
    """Return the live file with this uuid; raises NotFound."""
    file = db.session.scalar(select(File).where(File.uuid == uuid, File.upload_complete, is_live(File)))
    if file is None:
        raise NotFound
    return file


def files_of(collection: Collection) -> Sequence[File]:
    """Return the files of a collection with their variants, by capture time, then by name."""
    query = (
        select(File)
        .where(*live_files(collection.id))
        .options(selectinload(File.variants))
        .order_by(File.order_time.nulls_last(), File.name_key, File.id)
    )
    return db.session.scalars(query).all()


def live_files(collection_id: int | ColumnElement[int]) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for a file to be live and in this collection."""
    return File.collection_id == collection_id, File.upload_complete.is_(True), is_live(File)


def pictures_of(collection_id: int | ColumnElement[int]) -> tuple[ColumnElement[bool], ...]:
    """Return the SQL conditions for the pictures of a collection that are complete and not deleted."""
    return *live_files(collection_id), is_picture()
