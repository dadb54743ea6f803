"""Lookup of live rows, and the conditions that say what is live, deleted or a picture.

No other module writes these conditions. Files are looked up only if their upload is complete.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, selectinload

from app.errors import NotFound
from app.models import Collection, File, db
from app.services.transactions import reading


def is_live(table: type[Collection] | type[File]) -> ColumnElement[bool]:
    """The condition for a row not to be deleted."""
    return table.deleted_at.is_(None)


def is_deleted(table: type[Collection] | type[File]) -> ColumnElement[bool]:
    """The condition for a row to be in the bin, or to be removed from it."""
    return table.deleted_at.is_not(None)


def is_picture() -> ColumnElement[bool]:
    """The condition for a file to be a picture, as `File.is_image` says it of one file."""
    return File.mime_type.like("image/%")


def by_uuid(uuid: str) -> Collection:
    """The collection; raises NotFound."""
    collection = db.session.scalar(select(Collection).where(Collection.uuid == uuid, is_live(Collection)))
    if collection is None:
        raise NotFound
    return collection


def require_live(session: Session, collection_id: int) -> None:
    """Raise NotFound if the collection was deleted; until the end of this transaction it cannot be."""
    live = select(Collection.id).where(Collection.id == collection_id, is_live(Collection))
    if session.scalar(live.with_for_update(read=True)) is None:
        raise NotFound


def uuid_of(collection_id: int) -> str:
    """What a collection is called in addresses and keys; raises NotFound if it was deleted."""
    live = select(Collection.uuid).where(Collection.id == collection_id, is_live(Collection))
    with reading() as session:
        uuid = session.scalar(live)
    if uuid is None:
        raise NotFound
    return uuid


def file_by_uuid(uuid: str) -> File:
    """The file; raises NotFound."""
    file = db.session.scalar(select(File).where(File.uuid == uuid, File.upload_complete, is_live(File)))
    if file is None:
        raise NotFound
    return file


def files_of(collection: Collection) -> Sequence[File]:
    """The files of a collection with their variants, in the order in which they were taken, then by name."""
    query = (
        select(File)
        .where(*live_files(collection.id))
        .options(selectinload(File.variants))
        .order_by(File.order_time.nulls_last(), File.name_key, File.id)
    )
    return db.session.scalars(query).all()


def live_files(collection_id: int) -> tuple[ColumnElement[bool], ...]:
    """The conditions for a file to be in a collection."""
    return File.collection_id == collection_id, File.upload_complete.is_(True), is_live(File)


def pictures_of(collection_id: int) -> tuple[ColumnElement[bool], ...]:
    """The conditions for a file to be in the order of a collection."""
    return *live_files(collection_id), is_picture()
