"""Paginated lists for the API. The cursor is the last id, so changes between requests neither skip nor repeat rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from app.models import Collection, File, ProcessingStatus, db
from app.services.lookup import is_live, live_files

Row = TypeVar("Row", Collection, File)


@dataclass(frozen=True)
class Slice(Generic[Row]):
    """A page of rows, and the cursor of the next page, None at the end."""

    rows: Sequence[Row]
    next: int | None


def collections_of(owner_id: int, *, limit: int, after: int | None = None) -> Slice[Collection]:
    """Return a slice of the collections of an account, newest first."""
    query = select(Collection).where(Collection.owner_id == owner_id, is_live(Collection))
    if after is not None:
        query = query.where(Collection.id < after)
    return _slice(query.order_by(Collection.id.desc()), limit)


def files_of(collection_id: int, *, limit: int, after: int | None = None) -> Slice[File]:
    """Return a slice of the files of a collection with their variants, in the order of upload."""
    return _slice(_files(collection_id, after), limit)


def unfinished(collection_id: int, *, limit: int, after: int | None = None) -> Slice[File]:
    """Return a slice of the files of a collection whose variants are pending, in progress or failed."""
    return _slice(_files(collection_id, after).where(File.processing_status != ProcessingStatus.COMPLETED), limit)


def _files(collection_id: int, after: int | None) -> Select[Any]:
    query = select(File).where(*live_files(collection_id)).options(selectinload(File.variants)).order_by(File.id)
    return query if after is None else query.where(File.id > after)


def _slice(query: Select[Any], limit: int) -> Slice[Any]:
    """Read one row more than `limit`, to know whether there is a next page."""
    rows = db.session.scalars(query.limit(limit + 1)).all()
    return Slice(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)
