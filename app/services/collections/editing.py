"""Collections: making, changing, finding and opening them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, func, select, union
from sqlalchemy.orm import Session, selectinload
from werkzeug.security import check_password_hash, generate_password_hash

from app.errors import Invalid, NotFound
from app.models import Collection, File, Privacy, ProcessingStatus, SortOrder, db
from app.services.collections.arranging import keep_present_order
from app.services.transactions import reading, transaction
from app.services.variants.private_originals import Preparation

Conditions = tuple[ColumnElement[bool], ...]


@dataclass(frozen=True)
class CollectionDetails:
    """What its owner says of a collection; an empty password leaves the present one."""

    title: str
    description: str = ""
    privacy: Privacy = Privacy.PRIVATE
    password: str = ""
    expires_at: datetime | None = None
    downloads_allowed: bool = True
    hides_location: bool = False
    event_date: date | None = None
    sort_order: SortOrder = SortOrder.TAKEN


@dataclass(frozen=True)
class CollectionSummary:
    """A collection with the number of its files and pictures, and the picture on its cover."""

    collection: Collection
    file_count: int
    photo_count: int  # that can be looked at, now or in a moment
    failed_count: int
    cover: File | None


def create(owner_id: int, details: CollectionDetails) -> str:
    """The uuid of a new collection; raises Invalid if it wants a password and has none."""
    collection = Collection(owner_id=owner_id)
    _apply(collection, details)
    with transaction() as session:
        session.add(collection)
        session.flush()
        return collection.uuid


def update(collection_id: int, details: CollectionDetails) -> None:
    """Change a collection; raises Invalid if it wants a password and has none, NotFound if it was deleted."""
    change(collection_id, vars(details))


def change(collection_id: int, changes: Mapping[str, Any]) -> None:
    """Change what is named as in CollectionDetails; all else stays as it is then. Raises what `update` does."""
    with transaction() as session:
        collection = session.get(Collection, collection_id, with_for_update=True)
        if collection is None or collection.deleted_at is not None:
            raise NotFound
        details = replace(_present(collection), **changes)
        if details.sort_order == SortOrder.MANUAL != collection.sort_order:
            keep_present_order(session, collection_id)
        _apply(collection, details)
    Preparation().of(collection_id)


def _present(collection: Collection) -> CollectionDetails:
    """What its owner says of it now; of the password nothing, which leaves it."""
    names = [each.name for each in fields(CollectionDetails) if each.name != "password"]
    return CollectionDetails(**{name: getattr(collection, name) for name in names})


def _apply(collection: Collection, details: CollectionDetails) -> None:
    if password := normal_password(details.password):
        collection.password_hash = generate_password_hash(password)
    if details.privacy == Privacy.PASSWORD and not collection.password_hash:
        raise Invalid("A password collection needs a password.", {"password": "Choose a password."})
    collection.title, collection.description = details.title, details.description
    collection.privacy, collection.expires_at = details.privacy, details.expires_at
    collection.downloads_allowed, collection.hides_location = details.downloads_allowed, details.hides_location
    collection.event_date, collection.sort_order = details.event_date, details.sort_order


def use_as_cover(collection_id: int, file_uuid: str) -> None:
    """Put a picture on the cover of its collection; raises NotFound if either was deleted."""
    with transaction() as session:
        require_live(session, collection_id)
        session.get_one(Collection, collection_id).cover_uuid = file_uuid


def by_uuid(uuid: str) -> Collection:
    """The collection; raises NotFound."""
    collection = db.session.scalar(select(Collection).where(Collection.uuid == uuid, Collection.deleted_at.is_(None)))
    if collection is None:
        raise NotFound
    return collection


@contextmanager
def looked_up(uuid: str) -> Iterator[Collection]:
    """The collection as it is now, to be looked at and let go of with its session; raises NotFound or DatabaseBusy."""
    with reading() as session:
        session.expire_all()
        yield by_uuid(uuid)


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


def password_is_right(collection: Collection, password: str) -> bool:
    """Whether this opens the collection.

    The password as typed is compared second and only if it differs: hashes from before `normal_password` are of that.
    """
    hashed = collection.password_hash
    if not hashed:
        return False
    candidates = dict.fromkeys((normal_password(password), password))
    return any(check_password_hash(hashed, each) for each in candidates)


def normal_password(password: str) -> str:
    """The form in which a collection's password is hashed and compared: NFC, without whitespace around it."""
    return unicodedata.normalize("NFC", password).strip()


def owned_by(user_id: int, *, everybodys: bool = False) -> list[CollectionSummary]:
    """The collections of an account (or, for an administrator, everybody's), newest first; three queries in all."""
    theirs = (Collection.deleted_at.is_(None), *(() if everybodys else (Collection.owner_id == user_id,)))
    newest_first = Collection.created_at.desc(), Collection.id.desc()
    collections = db.session.scalars(select(Collection).where(*theirs).order_by(*newest_first)).all()
    counts = {row.collection_id: row for row in db.session.execute(_counts(theirs))}
    covers = _covers(theirs)
    return [_summary(collection, counts.get(collection.id), covers) for collection in collections]


def _counts(theirs: Conditions) -> Select[int, int, int, int, int]:
    """What to count of the files of these collections; a list of their ids could be longer than a statement may be."""
    is_image = File.mime_type.like("image/%")
    has_cover = case((File.processing_status == ProcessingStatus.COMPLETED, File.id))
    return (
        select(
            File.collection_id,
            func.count(File.id).label("files"),
            func.count(case((is_image, File.id))).label("photos"),
            func.count(case((is_image & (File.processing_status == ProcessingStatus.FAILED), 1))).label("failed"),
            func.min(case((is_image, has_cover))).label("cover_id"),
        )
        .join(Collection, Collection.id == File.collection_id)
        .where(*theirs, File.upload_complete, File.deleted_at.is_(None))
        .group_by(File.collection_id)
    )


def _covers(theirs: Conditions) -> dict[int | str, File]:
    """The pictures that may be on the covers of these collections, by id and by uuid."""
    ready = File.deleted_at.is_(None), File.processing_status == ProcessingStatus.COMPLETED
    first = select(_counts(theirs).subquery().c.cover_id)
    chosen = select(File.id).join(Collection, Collection.cover_uuid == File.uuid).where(*theirs)
    query = select(File).where(File.id.in_(union(first, chosen)), *ready)
    files = db.session.scalars(query.options(selectinload(File.variants))).all()
    return {file.id: file for file in files} | {file.uuid: file for file in files}


def _summary(
    collection: Collection, count: Row[int, int, int, int, int] | None, covers: dict[int | str, File]
) -> CollectionSummary:
    if count is None:
        return CollectionSummary(collection, 0, 0, 0, None)
    cover = covers.get(collection.cover_uuid or "") or covers.get(count.cover_id)
    if cover is not None and cover.collection_id != collection.id:
        cover = None
    return CollectionSummary(collection, count.files, count.photos - count.failed, count.failed, cover)
