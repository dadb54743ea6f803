"""Collections with their counts and covers, for the list of collections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Row, Select, case, func, select, union

from app.models import Collection, File, ProcessingStatus, db
from app.services.lookup import is_live, is_picture

Conditions = tuple[ColumnElement[bool], ...]


class CoverFile(NamedTuple):
    """The file of a cover; its URL has a version of `completed_at`."""

    id: int
    uuid: str
    collection_id: int
    completed_at: datetime | None


@dataclass(frozen=True)
class CollectionSummary:
    """A collection with its cover and the numbers of its files, pictures and failed pictures."""

    collection: Collection
    file_count: int
    photo_count: int  # pictures, without failed ones
    failed_count: int
    cover: CoverFile | None


def owned_by(user_id: int, *, all_owners: bool = False) -> list[CollectionSummary]:
    """Return the collections of an account, or with `all_owners` of all accounts, newest first; three queries."""
    selected = (is_live(Collection), *(() if all_owners else (Collection.owner_id == user_id,)))
    newest_first = Collection.created_at.desc(), Collection.id.desc()
    collections = db.session.scalars(select(Collection).where(*selected).order_by(*newest_first)).all()
    counts = {row.collection_id: row for row in db.session.execute(_counts(selected))}
    covers = _covers(selected)
    return [_summary(collection, counts.get(collection.id), covers) for collection in collections]


def _counts(selected: Conditions) -> Select[int, int, int, int, int]:
    """Count by a join, because a list of collection ids could exceed the parameters that a statement may have."""
    is_image = is_picture()
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
        .where(*selected, File.upload_complete, is_live(File))
        .group_by(File.collection_id)
    )


def _covers(selected: Conditions) -> dict[int | str, CoverFile]:
    """Candidates for the covers of these collections, keyed by id and by uuid."""
    ready = is_live(File), File.processing_status == ProcessingStatus.COMPLETED
    first = select(_counts(selected).subquery().c.cover_id)
    chosen = select(File.id).join(Collection, Collection.cover_uuid == File.uuid).where(*selected)
    columns = File.id, File.uuid, File.collection_id, File.completed_at
    query = select(*columns).where(File.id.in_(union(first, chosen)), *ready)
    files = [CoverFile._make(row) for row in db.session.execute(query)]
    return {file.id: file for file in files} | {file.uuid: file for file in files}


def _summary(
    collection: Collection, count: Row[int, int, int, int, int] | None, covers: dict[int | str, CoverFile]
) -> CollectionSummary:
    if count is None:
        return CollectionSummary(collection, 0, 0, 0, None)
    cover = covers.get(collection.cover_uuid or "") or covers.get(count.cover_id)
    if cover is not None and cover.collection_id != collection.id:
        cover = None
    return CollectionSummary(collection, count.files, count.photos - count.failed, count.failed, cover)
