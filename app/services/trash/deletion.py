"""Delete and restore: a deleted row is hidden at once and can be restored until it is purged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import BeingRemoved, Conflict, NotFound, TwinExists
from app.models import Collection, File, utc_now
from app.services.collections import camera_clocks
from app.services.lookup import is_deleted, is_live
from app.services.queue import QUEUE, Queue
from app.services.transactions import changed, reading, transaction

NOT_DELETED: dict[str, Any] = {"deleted_at": None, "deleted_by_id": None, "purge_after": None, "purge_attempts": 0}
SUBMIT_AT_ONCE = 50  # files of a collection submitted to the queue; the sweep purges the others


@dataclass(frozen=True)
class Deleted:
    """A deleted file or collection; `recoverable_until` is None if it cannot be restored."""

    uuid: str
    name: str
    recoverable_until: datetime | None


class DeletionService:
    """Deletes and restores files and collections; callers check permissions with `authorize` first."""

    def __init__(self, queue: Queue | None = None) -> None:
        self._queue: Queue = queue or current_app.extensions[QUEUE]
        self._trash_days = int(current_app.config["TRASH_DAYS"])

    def delete_file(self, file_id: int, by_user_id: int | None) -> Deleted:
        """Move a file to the bin, or with TRASH_DAYS=0 delete it permanently; raises NotFound."""
        tombstone = self._tombstone(by_user_id)
        with transaction() as session:
            live = update(File).where(File.id == file_id, is_live(File))
            if not changed(session, live.values(tombstone)):
                raise NotFound
            uuid, name = session.execute(select(File.uuid, File.original_filename).where(File.id == file_id)).one()
        self._purge_at_once([file_id], tombstone)
        return Deleted(uuid, name, self._recoverable_until(tombstone))

    def delete_collection(self, collection_id: int, by_user_id: int | None) -> Deleted:
        """Move a collection and its files to the bin, or delete them permanently; raises NotFound."""
        tombstone = self._tombstone(by_user_id)
        with transaction() as session:
            live = update(Collection).where(Collection.id == collection_id, is_live(Collection))
            if not changed(session, live.values(tombstone)):
                raise NotFound
            files = update(File).where(File.collection_id == collection_id, is_live(File))
            changed(session, files.values(tombstone | {"deleted_with_collection": True}))
            if not self._trash_days:
                _begin_purge_of_files(session, [collection_id], tombstone["deleted_at"])
            named = select(Collection.uuid, Collection.title).where(Collection.id == collection_id)
            uuid, title = session.execute(named).one()
            first = _first_files(session, collection_id)
        self._purge_at_once(first, tombstone)
        return Deleted(uuid, title, self._recoverable_until(tombstone))

    def restore_file(self, file_id: int) -> None:
        """Restore a file; raises NotFound, BeingRemoved, TwinExists, or Conflict if its collection is deleted."""
        in_bin = (File.id == file_id, is_deleted(File))
        try:
            with transaction() as session:
                _require_collection(session, file_id)
                restorable = update(File).where(*in_bin, File.purging_at.is_(None), ~File.deleted_with_collection)
                if not changed(session, restorable.values(NOT_DELETED)):
                    _refuse(session.scalar(select(File.id).where(*in_bin)))
                camera_clocks.end_real_time_without_offset(session, file_id)
        except IntegrityError:
            raise TwinExists(_twin_of(file_id)) from None
        self._queue.submit(file_id)  # the deletion may have interrupted the making of its variants

    def restore_collection(self, collection_id: int) -> None:
        """Restore a collection and the files that were deleted with it; raises NotFound or BeingRemoved."""
        in_bin = (Collection.id == collection_id, is_deleted(Collection))
        with transaction() as session:
            restorable = update(Collection).where(*in_bin, Collection.purging_at.is_(None))
            if not changed(session, restorable.values(NOT_DELETED)):
                _refuse(session.scalar(select(Collection.id).where(*in_bin)))
            files = update(File).where(File.collection_id == collection_id, File.deleted_with_collection)
            changed(session, files.values(NOT_DELETED | {"deleted_with_collection": False}))

    def delete_file_permanently(self, file_id: int) -> None:
        """Begin the purge of a file in the bin now; raises NotFound if it is not in the bin."""
        now = utc_now()
        with transaction() as session:
            in_bin = update(File).where(File.id == file_id, is_deleted(File))
            begun = in_bin.values(purging_at=func.coalesce(File.purging_at, now), purge_after=now)
            if not changed(session, begun):
                raise NotFound
        self._queue.submit(file_id)

    def delete_collection_permanently(self, collection_id: int) -> None:
        """Begin the purge of a collection in the bin now; raises NotFound if it is not in the bin."""
        with transaction() as session:
            if not begin_purge(session, Collection.id == collection_id):
                raise NotFound
            first = _first_files(session, collection_id)
        for file_id in first:
            self._queue.submit(file_id, background=True)

    def _tombstone(self, by_user_id: int | None) -> dict[str, Any]:
        now = utc_now()
        return {
            "deleted_at": now,
            "deleted_by_id": by_user_id,
            "purge_after": now + timedelta(days=self._trash_days),
            "purging_at": None if self._trash_days else now,
            "purge_attempts": 0,
        }

    def _recoverable_until(self, tombstone: dict[str, Any]) -> datetime | None:
        until: datetime = tombstone["purge_after"]
        return until if self._trash_days else None

    def _purge_at_once(self, file_ids: Iterable[int], tombstone: dict[str, Any]) -> None:
        """Submit files that cannot be restored to the queue, so that the response does not wait for the store."""
        if tombstone["purging_at"] is None:
            return
        for file_id in file_ids:
            self._queue.submit(file_id)


def _first_files(session: Session, collection_id: int) -> list[int]:
    query = select(File.id).where(File.collection_id == collection_id).limit(SUBMIT_AT_ONCE)
    return list(session.scalars(query))


def begin_purge(session: Session, *conditions: ColumnElement[bool]) -> list[int]:
    """Begin the purge of collections in the bin and of their files; they cannot be restored. Returns collection ids."""
    now = utc_now()
    waiting = (is_deleted(Collection), Collection.purging_at.is_(None), *conditions)
    begun = update(Collection).where(*waiting).values(purging_at=now, purge_after=now).returning(Collection.id)
    ids = list(session.scalars(begun, execution_options={"synchronize_session": False}))
    _begin_purge_of_files(session, ids, now)
    return ids


def _begin_purge_of_files(session: Session, collection_ids: list[int], now: datetime) -> None:
    """Include the files that were deleted before their collection."""
    waiting = update(File).where(File.collection_id.in_(collection_ids), File.purging_at.is_(None))
    changed(session, waiting.where(is_deleted(File)).values(purging_at=now, purge_after=now))


def _require_collection(session: Session, file_id: int) -> None:
    """Raise NotFound if the file is gone, Conflict if its collection is deleted; locks the collection."""
    query = select(is_deleted(Collection)).join(Collection.files).where(File.id == file_id)
    collection_is_deleted = session.scalar(query.with_for_update(key_share=True, of=Collection))
    if collection_is_deleted is None:
        raise NotFound
    if collection_is_deleted:
        raise Conflict("The collection of this file is in the bin too. Restore the collection first.")


def _refuse(found: int | None) -> None:
    raise NotFound if found is None else BeingRemoved


def _twin_of(file_id: int) -> str:
    """Return the display name of the live file with the same bytes; "" if there is none."""
    deleted = select(File.collection_id, File.sha256).where(File.id == file_id).subquery()
    same = (File.collection_id == deleted.c.collection_id, File.sha256 == deleted.c.sha256)
    with reading() as session:
        return session.scalar(select(File.original_filename).where(*same, is_live(File))) or ""
