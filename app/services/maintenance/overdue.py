"""Deleted files and collections that are overdue for purging: rows, and perhaps objects, are left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select, update

from app.models import Collection, File, utc_now
from app.services.lookup import is_deleted
from app.services.maintenance.findings import Finding, Fix
from app.services.maintenance.rows import BATCH
from app.services.storage_service import original_key
from app.services.transactions import changed, reading, transaction
from app.services.trash.purge import PurgeService

# A sweep begins within seconds of the due time: after a day none is running, and an hour after the start it is failing.
NOT_BEGUN, NOT_ENDED = timedelta(days=1), timedelta(hours=1)
COLLECTION = "collection"  # in place of a variant's name


def findings(size: int = BATCH) -> Iterator[Finding]:
    """Yield overdue files, then overdue collections without files; one statement for each batch of `size` rows."""
    now = utc_now()
    yield from _files(now, size)
    yield from _collections(now, size)


def is_overdue(table: type[File] | type[Collection], now: datetime) -> ColumnElement[bool]:
    """Return the condition for rows due for more than a day, or whose purge began more than an hour ago.

    `purge_after` depends on TRASH_DAYS at the time of deletion; a shorter setting does not change it.
    """
    not_begun = and_(table.purging_at.is_(None), table.purge_after < now - NOT_BEGUN)
    return and_(is_deleted(table), or_(not_begun, table.purging_at < now - NOT_ENDED))


def _files(now: datetime, size: int) -> Iterator[Finding]:
    columns = select(File.id, File.uuid, File.storage_path, File.purge_after, File.purging_at)
    for row in _batches(columns.where(is_overdue(File, now)), File, size):
        yield Finding(5, _words(row), Fix.PURGE, row.id, row.uuid, row.storage_path)


def _collections(now: datetime, size: int) -> Iterator[Finding]:
    columns = select(Collection.id, Collection.uuid, Collection.purge_after, Collection.purging_at)
    empty = ~exists().where(File.collection_id == Collection.id)
    for row in _batches(columns.where(is_overdue(Collection, now), empty), Collection, size):
        words = f"Only the row of this collection is left. {_words(row)}"
        yield Finding(5, words, Fix.PURGE, uuid=row.uuid, key=original_key(row.uuid, ""), name=COLLECTION)


def _batches(query: Any, table: type[File] | type[Collection], size: int) -> Iterator[Any]:
    after = 0
    while True:
        with reading() as session:
            batch = session.execute(query.where(table.id > after).order_by(table.id).limit(size)).all()
        yield from batch
        if len(batch) < size:
            return
        after = batch[-1].id


def _words(row: Any) -> str:
    if row.purging_at is None:
        return f"It was deleted, and its permanent deletion has been due since {row.purge_after:%Y-%m-%d}."
    return f"Its permanent deletion began on {row.purging_at:%Y-%m-%d at %H:%M} UTC and has not ended."


def purge_now(found: Sequence[Finding]) -> None:
    """Purge the findings now, without waiting for their next retry; skips files and collections restored since."""
    if not found:
        return
    now = utc_now()
    files, collections = File.id.in_(_file_ids(found)), Collection.uuid.in_(_collection_uuids(found))
    with transaction() as session:
        changed(session, update(File).where(files, is_overdue(File, now)).values(purge_after=now))
        overdue = update(Collection).where(collections, is_overdue(Collection, now))
        changed(session, overdue.values(purge_after=now))
    PurgeService().purge_files(_file_ids(found))


def remaining(found: Sequence[Finding]) -> set[str | None]:
    """Return the uuids of the findings whose row still exists and was not restored."""
    if not found:
        return set()
    files = select(File.uuid).where(File.id.in_(_file_ids(found)), is_deleted(File))
    uuids = _collection_uuids(found)
    collections = select(Collection.uuid).where(Collection.uuid.in_(uuids), is_deleted(Collection))
    with reading() as session:
        return set(session.scalars(files.union_all(collections)))


def _file_ids(found: Sequence[Finding]) -> list[int]:
    return [finding.file_id for finding in found if finding.file_id is not None]


def _collection_uuids(found: Sequence[Finding]) -> list[str]:
    return [finding.uuid for finding in found if finding.name == COLLECTION and finding.uuid is not None]
