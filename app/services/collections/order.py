"""Read a collection in its order: slices of pictures, counts by state, and the sizes of all pictures.

Slices are read by an index of the order; only `geometry` reads every row. The statements of a page are built once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Select, UnaryExpression, and_, bindparam, func, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.errors import NotFound
from app.models import Collection, File, ProcessingStatus, SortOrder, db
from app.services.collections import tile_rows
from app.services.collections.tile_rows import ALL_NOTES, COLLECTION, COUNT, START, Extra, TileRow
from app.services.lookup import is_picture, live_files, pictures_of

PAGE = 60  # tiles of a page; the browser fetches further slices of the same length
KEYS: dict[SortOrder, tuple[InstrumentedAttribute[Any], ...]] = {
    SortOrder.TAKEN: (File.order_time, File.name_key, File.id),
    SortOrder.NAME: (File.name_key, File.id),
    SortOrder.UPLOADED: (File.id,),
    SortOrder.MANUAL: (File.position, File.id),
}
NULLABLE = (File.order_time, File.position)


@dataclass(frozen=True)
class Counts:
    """The numbers of a collection's pictures by state, and of its other files."""

    ready: int = 0
    preparing: int = 0
    failed: int = 0
    others: int = 0  # files that are not pictures

    @property
    def photographs(self) -> int:
        """The number of pictures in any state."""
        return self.ready + self.preparing + self.failed

    def to_json(self) -> dict[str, int]:
        """Return the counts as JSON; `ready` includes the other files, as open pages and scripts expect."""
        total = self.photographs + self.others
        return {"total": total, "ready": self.ready + self.others, "preparing": self.preparing, "failed": self.failed}


@dataclass(frozen=True)
class Frame:
    """The size (None if unknown) and the day of a picture, for the layout of the grid."""

    width: int | None
    height: int | None
    day: str  # of `order_time`, as 2026-05-04; "" if unknown


@dataclass(frozen=True)
class Geometry:
    """All pictures of a collection in order; `revision` changes when pictures are added, removed, moved or changed."""

    frames: tuple[Frame, ...]
    revision: str

    def days(self) -> list[tuple[str, int]]:
        """Return (day, number of pictures) of each run of pictures of one day, in order."""
        runs: list[tuple[str, int]] = []
        for frame in self.frames:
            if runs and runs[-1][0] == frame.day:
                runs[-1] = (frame.day, runs[-1][1] + 1)
            else:
                runs.append((frame.day, 1))
        return runs


def in_order(sort: SortOrder) -> tuple[UnaryExpression[Any] | InstrumentedAttribute[Any], ...]:
    """Return the columns to order by; pictures without a date or position come last."""
    return tuple(key.nulls_last() if key in NULLABLE else key for key in KEYS[sort])


def pictures(
    collection_id: int, sort: SortOrder, start: int = 0, count: int = PAGE, extra: Extra = ALL_NOTES
) -> list[TileRow]:
    """Return up to `count` pictures of a collection, from index `start` of the order."""
    return _slice(_pictures(sort, extra), collection_id, start, count)


@cache
def _pictures(sort: SortOrder, extra: Extra) -> Select[Any]:
    return _of_slice(ordered(bindparam(COLLECTION), sort, extra))


def ordered(collection_id: int | ColumnElement[int], sort: SortOrder, extra: Extra = ALL_NOTES) -> Select[Any]:
    """Return the query for the tiles of all pictures of a collection in order."""
    return tile_rows.statement(extra).where(*pictures_of(collection_id)).order_by(*in_order(sort))


def other_files(collection_id: int, start: int = 0, count: int = PAGE, extra: Extra = ALL_NOTES) -> list[TileRow]:
    """Return up to `count` files that are not pictures, sorted by name, from index `start`."""
    return _slice(_other_files(extra), collection_id, start, count)


@cache
def _other_files(extra: Extra) -> Select[Any]:
    others = tile_rows.statement(extra).where(*live_files(bindparam(COLLECTION)), not_(is_picture()))
    return _of_slice(others.order_by(*KEYS[SortOrder.NAME]))


def _of_slice(query: Select[Any]) -> Select[Any]:
    return query.offset(bindparam(START)).limit(bindparam(COUNT))


def _slice(query: Select[Any], collection_id: int, start: int, count: int) -> list[TileRow]:
    return tile_rows.read(query, {COLLECTION: collection_id, START: start, COUNT: count})


def every_file(collection_id: int, extra: Extra = ALL_NOTES) -> list[TileRow]:
    """Return all files of a collection, by capture time, then by name."""
    return tile_rows.read(_every_file(extra), {COLLECTION: collection_id})


@cache
def _every_file(extra: Extra) -> Select[Any]:
    files = tile_rows.statement(extra).where(*live_files(bindparam(COLLECTION)))
    return files.order_by(*in_order(SortOrder.TAKEN))


def counts(collection_id: int) -> Counts:
    """Return the counts of a collection; one statement, answered from an index alone."""
    found = {"ready": 0, "preparing": 0, "failed": 0, "others": 0}
    for state, mime_type, number in db.session.connection().execute(_counts(), {COLLECTION: collection_id}):
        found[_word_for(state) if mime_type.startswith("image/") else "others"] += number
    return Counts(**found)


@cache
def _counts() -> Select[ProcessingStatus, str, int]:
    kinds = File.processing_status, File.mime_type  # columns of the index; grouping by a LIKE of the type would sort
    return select(*kinds, func.count()).where(*live_files(bindparam(COLLECTION))).group_by(*kinds)


def _word_for(state: ProcessingStatus) -> str:
    return {ProcessingStatus.COMPLETED: "ready", ProcessingStatus.FAILED: "failed"}.get(state, "preparing")


def geometry(collection_id: int, sort: SortOrder) -> Geometry:
    """Return the sizes and days of all pictures in order; failed pictures have no size."""
    columns = File.id, File.width, File.height, File.processing_status == ProcessingStatus.FAILED, File.order_time
    query = select(*columns).where(*pictures_of(collection_id)).order_by(*in_order(sort))
    digest, frames = sha256(sort.encode()), []
    for file_id, width, height, failed, order_time in db.session.execute(query):
        known = not failed and bool(width and height)
        frame = Frame(width if known else None, height if known else None, _iso_day(order_time))
        digest.update(f"{file_id} {frame.width}x{frame.height} {frame.day}\n".encode())
        frames.append(frame)
    return Geometry(tuple(frames), digest.hexdigest()[:16])


def day_of(file: File | TileRow) -> str:
    """Return the day of a picture's `order_time` as 2026-05-04; "" if unknown."""
    return _iso_day(file.order_time)


def _iso_day(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment else ""


def picture(collection_id: int, uuid: str) -> File:
    """Return a picture of a collection; raises NotFound."""
    file = db.session.scalar(select(File).where(*pictures_of(collection_id), File.uuid == uuid))
    if file is None:
        raise NotFound
    return file


def position(file: File, sort: SortOrder) -> int:
    """Return the index of a picture in its collection's order, from 0."""
    before = select(func.count()).where(*pictures_of(file.collection_id), _precedes(file, KEYS[sort]))
    return db.session.scalar(before) or 0


def _precedes(file: File, keys: tuple[InstrumentedAttribute[Any], ...]) -> ColumnElement[bool]:
    """The condition for a row to sort before a file by these keys."""
    key, value = keys[0], getattr(file, keys[0].key)
    smaller = key.is_not(None) if value is None else key < value
    if len(keys) == 1:
        return smaller
    same = key.is_(None) if value is None else key == value
    return or_(smaller, and_(same, _precedes(file, keys[1:])))


def cover_of(collection: Collection, extra: Extra = ALL_NOTES) -> TileRow | None:
    """Return the chosen cover, or the first ready picture if that is gone; None if none was chosen."""
    if collection.cover_uuid is None:
        return None
    values = {COLLECTION: collection.id, "uuid": collection.cover_uuid}
    chosen = tile_rows.read(_ready(extra).where(File.uuid == bindparam("uuid")), values)
    found = chosen or tile_rows.read(_ready(extra).order_by(File.id).limit(1), values)
    return found[0] if found else None


@cache
def _ready(extra: Extra) -> Select[Any]:
    is_ready = File.processing_status == ProcessingStatus.COMPLETED
    return tile_rows.statement(extra).where(*pictures_of(bindparam(COLLECTION)), is_ready)


def unreadable(collection_id: int, most: int = 12) -> list[TileRow]:
    """Return up to `most` pictures whose preview failed, oldest first."""
    failed = *pictures_of(bindparam(COLLECTION)), File.processing_status == ProcessingStatus.FAILED
    query = tile_rows.statement(ALL_NOTES).where(*failed).order_by(File.id)
    return _slice(_of_slice(query), collection_id, 0, most)
