"""Deleting and restoring: what is deleted is out of sight at once, and can come back until it is purged."""

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

LIVE: dict[str, Any] = {"deleted_at": None, "deleted_by_id": None, "purge_after": None, "purge_attempts": 0}
SUBMIT_AT_ONCE = 50  # files of a collection that are submitted to the queue; the sweep finds the others


@dataclass(frozen=True)
class Deleted:
    """What was deleted, and until when it can be restored; None if it cannot."""

    uuid: str
    name: str
    recoverable_until: datetime | None


class DeletionService:
    """Deletes and restores files and collections; whoever calls it has asked `authorize` first."""

    def __init__(self, queue: Queue | None = None) -> None:
        self._queue: Queue = queue or current_app.extensions[QUEUE]
        self._trash_days = int(current_app.config["TRASH_DAYS"])

    def delete_file(self, file_id: int, by_user_id: int | None) -> Deleted:
        """Put a file into the bin, or with TRASH_DAYS=0 have it removed; raises NotFound if it is not there."""
        tombstone = self._tombstone(by_user_id)
        with transaction() as session:
            live = update(File).where(File.id == file_id, is_live(File))
            if not changed(session, live.values(tombstone)):
                raise NotFound
            uuid, name = session.execute(select(File.uuid, File.original_filename).where(File.id == file_id)).one()
        self._hurry([file_id], tombstone)
        return Deleted(uuid, name, self._recoverable_until(tombstone))

    def delete_collection(self, collection_id: int, by_user_id: int | None) -> Deleted:
        """Put a collection with all its files into the bin, or have it removed; raises NotFound if it is not there."""
        tombstone = self._tombstone(by_user_id)
        with transaction() as session:
            live = update(Collection).where(Collection.id == collection_id, is_live(Collection))
            if not changed(session, live.values(tombstone)):
                raise NotFound
            files = update(File).where(File.collection_id == collection_id, is_live(File))
            changed(session, files.values(tombstone | {"deleted_with_collection": True}))
            if not self._trash_days:
                _condemn_files(session, [collection_id], tombstone["deleted_at"])
            named = select(Collection.uuid, Collection.title).where(Collection.id == collection_id)
            uuid, title = session.execute(named).one()
            first = list(
                session.scalars(select(File.id).where(File.collection_id == collection_id).limit(SUBMIT_AT_ONCE))
            )
        self._hurry(first, tombstone)
        return Deleted(uuid, title, self._recoverable_until(tombstone))

    def restore_file(self, file_id: int) -> None:
        """Take a file out of the bin; raises NotFound, BeingRemoved, TwinExists, or Conflict without its collection."""
        in_bin = (File.id == file_id, is_deleted(File))
        try:
            with transaction() as session:
                _require_collection(session, file_id)
                restorable = update(File).where(*in_bin, File.purging_at.is_(None), ~File.deleted_with_collection)
                if not changed(session, restorable.values(LIVE)):
                    _refuse(session.scalar(select(File.id).where(*in_bin)))
                camera_clocks.came_back(session, file_id)
        except IntegrityError:
            raise TwinExists(_twin_of(file_id)) from None
        self._queue.submit(file_id)  # its variants may have been under way when it was deleted

    def restore_collection(self, collection_id: int) -> None:
        """Take a collection out of the bin with the files that went with it; raises NotFound or BeingRemoved."""
        in_bin = (Collection.id == collection_id, is_deleted(Collection))
        with transaction() as session:
            if not changed(session, update(Collection).where(*in_bin, Collection.purging_at.is_(None)).values(LIVE)):
                _refuse(session.scalar(select(Collection.id).where(*in_bin)))
            files = update(File).where(File.collection_id == collection_id, File.deleted_with_collection)
            changed(session, files.values(LIVE | {"deleted_with_collection": False}))

    def condemn_file(self, file_id: int) -> None:
        """Have a file in the bin removed without waiting any longer; raises NotFound if it is not in the bin."""
        now = utc_now()
        with transaction() as session:
            in_bin = update(File).where(File.id == file_id, is_deleted(File))
            condemned = in_bin.values(purging_at=func.coalesce(File.purging_at, now), purge_after=now)
            if not changed(session, condemned):
                raise NotFound
        self._queue.submit(file_id)

    def condemn_collection(self, collection_id: int) -> None:
        """Have a collection in the bin removed without waiting any longer; raises NotFound if it is not in the bin."""
        with transaction() as session:
            if not condemn_collections(session, Collection.id == collection_id):
                raise NotFound
            first = list(
                session.scalars(select(File.id).where(File.collection_id == collection_id).limit(SUBMIT_AT_ONCE))
            )
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

    def _hurry(self, file_ids: Iterable[int], tombstone: dict[str, Any]) -> None:
        """What cannot be restored goes at once, in the pool: the answer waits for no store, and claims nothing."""
        if tombstone["purging_at"] is None:
            return
        for file_id in file_ids:
            self._queue.submit(file_id)


def condemn_collections(session: Session, *conditions: ColumnElement[bool]) -> list[int]:
    """Begin the purge of collections in the bin, with every file in them; from here on they cannot be restored."""
    now = utc_now()
    waiting = (is_deleted(Collection), Collection.purging_at.is_(None), *conditions)
    begun = update(Collection).where(*waiting).values(purging_at=now, purge_after=now).returning(Collection.id)
    ids = list(session.scalars(begun, execution_options={"synchronize_session": False}))
    _condemn_files(session, ids, now)
    return ids


def _condemn_files(session: Session, collection_ids: list[int], now: datetime) -> None:
    """Those that were deleted earlier go with the others."""
    waiting = update(File).where(File.collection_id.in_(collection_ids), File.purging_at.is_(None))
    changed(session, waiting.where(is_deleted(File)).values(purging_at=now, purge_after=now))


def _require_collection(session: Session, file_id: int) -> None:
    """Raise NotFound without the file, Conflict if its collection is deleted too; it cannot be until the end."""
    query = select(is_deleted(Collection)).join(Collection.files).where(File.id == file_id)
    collection_is_deleted = session.scalar(query.with_for_update(key_share=True, of=Collection))
    if collection_is_deleted is None:
        raise NotFound
    if collection_is_deleted:
        raise Conflict("Its collection is deleted too. Restore that, and the file can come back.")


def _refuse(found: int | None) -> None:
    raise NotFound if found is None else BeingRemoved


def _twin_of(file_id: int) -> str:
    """What the live file of the same bytes is called."""
    deleted = select(File.collection_id, File.sha256).where(File.id == file_id).subquery()
    same = (File.collection_id == deleted.c.collection_id, File.sha256 == deleted.c.sha256)
    with reading() as session:
        return session.scalar(select(File.original_filename).where(*same, is_live(File))) or ""
