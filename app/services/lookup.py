"""Look up of live rows: not deleted, and of files only those whose upload is complete."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, selectinload

from app.errors import NotFound
from app.models import Collection, File, db


def by_uuid(uuid: str) -> Collection:
    """The collection; raises NotFound."""
    collection = db.session.scalar(select(Collection).where(Collection.uuid == uuid, Collection.deleted_at.is_(None)))
    if collection is None:
        raise NotFound
    return collection


def require_live(session: Session, collection_id: int) -> None:
    """Raise NotFound if the collection was deleted; until the end of this transaction it cannot be."""
    live = select(Collection.id).where(Collection.id == collection_id, Collection.deleted_at.is_(None))
    if session.scalar(live.with_for_update(read=True)) is None:
        raise NotFound


def uuid_of(collection_id: int) -> str:
    """What a collection is called in addresses and keys; raises NotFound if it was deleted."""
    live = select(Collection.uuid).where(Collection.id == collection_id, Collection.deleted_at.is_(None))
    uuid = db.session.scalar(live)
    db.session.rollback()
    if uuid is None:
        raise NotFound
    return uuid


def file_by_uuid(uuid: str) -> File:
    """The file; raises NotFound."""
    file = db.session.scalar(select(File).where(File.uuid == uuid, File.upload_complete, File.deleted_at.is_(None)))
    if file is None:
        raise NotFound
    return file


def files_of(collection: Collection) -> Sequence[File]:
    """The files of a collection with their variants, in the order in which they were taken, then by name."""
    query = (
        select(File)
        .where(File.collection_id == collection.id, File.upload_complete, File.deleted_at.is_(None))
        .options(selectinload(File.variants))
        .order_by(File.order_time.nulls_last(), File.name_key, File.id)
    )
    return db.session.scalars(query).all()


def live_files(collection_id: int) -> tuple[ColumnElement[bool], ...]:
    """The conditions for a file to be in a collection."""
    return File.collection_id == collection_id, File.upload_complete.is_(True), File.deleted_at.is_(None)


def pictures_of(collection_id: int) -> tuple[ColumnElement[bool], ...]:
    """The conditions for a file to be in the order of a collection."""
    return *live_files(collection_id), File.mime_type.like("image/%")
