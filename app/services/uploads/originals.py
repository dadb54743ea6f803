"""Completely received originals: checked for duplicates, stored, committed, and queued for their variants."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, BinaryIO, cast

from flask import current_app
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app.errors import DatabaseBusy, NotFound, ObjectMissing, StorageError, UploadRefused
from app.integrations.base import FileStorage, StoredObject
from app.models import File, ProcessingStatus, Upload, new_uuid
from app.services import lookup
from app.services.queue import QUEUE, Queue
from app.services.storage_service import StorageService, original_key
from app.services.transactions import changed, reading, reason, transaction
from app.services.uploads.names import kind_of
from app.services.uploads.receipt import DUPLICATE, Accepted, ReceivedFile, SavedFile, Stored, accepted_as
from app.services.uploads.spool import HEAD_BYTES
from app.services.variants import processing

logger = logging.getLogger(__name__)

GONE = "This collection was deleted or this upload was cancelled, so the file was not saved."


class OriginalService:
    """Saves originals in collections; must be used inside an app context."""

    def __init__(self, queue: Queue | None = None, storage: StorageService | None = None) -> None:
        self._queue: Queue = queue or current_app.extensions[QUEUE]
        self._storage = storage or StorageService()
        self._wait_seconds = float(current_app.config["VARIANT_WAIT_SECONDS"])

    def keep(self, collection_id: int, collection_uuid: str, name: str, arrived: ReceivedFile) -> SavedFile:
        """Save a received file in the collection, or return the file that it duplicates.

        The name must be a display name. Raises UploadRefused, StorageError or DatabaseBusy; then nothing was saved.
        """
        known = self._find(collection_id, arrived.sha256)
        if known is not None and self._is_kept(known.file_id, arrived):
            return known
        record = self._record(collection_id, collection_uuid, name, arrived)
        stored = self._storage.upload_file(
            _bytes(arrived), record.storage_path, record.mime_type, sha256=arrived.sha256
        )
        record.storage_class = stored.storage_class
        record.crc32 = arrived.crc32
        return self._commit(record)

    def adopt(self, collection_id: int, stored: Stored) -> SavedFile:
        """Save an object already in the store as a file, or delete the object and return the file that it duplicates.

        Raises UploadRefused, StorageError or DatabaseBusy; after the last two it can be retried.
        """
        known = self._find(collection_id, stored.sha256)
        if known is not None:
            self._drop(stored.backend, stored.path)
            return known
        with self._storage.named(stored.backend).open(stored.path) as stream:
            mime_type, _ = kind_of(stream.read(HEAD_BYTES), stored.name)
        record = _row(
            collection_id,
            stored.name,
            mime_type,
            uuid=stored.uuid,
            filename=PurePosixPath(stored.path).name,
            storage_path=stored.path,
            storage_backend=stored.backend,
            storage_class=stored.storage_class,
            size=stored.size,
            sha256=stored.sha256,
        )
        return self._commit(record, stored.upload_id)

    @staticmethod
    def is_original_key(path: str) -> bool:
        """Return whether this is the key of a file's original."""
        with reading() as session:
            return session.scalar(select(File.id).where(File.storage_path == path)) is not None

    def has_digest(self, collection_id: int, sha256: str) -> bool:
        """Return whether the collection has a file with this SHA-256, even if its original is lost."""
        return self._find(collection_id, sha256) is not None

    def enqueue(self, file_id: int) -> None:
        """Queue a committed file for its variants."""
        self._queue.submit(file_id)

    def receipts(self, kept: list[SavedFile]) -> Iterator[Accepted]:
        """Yield the receipts of saved files, after waiting up to VARIANT_WAIT_SECONDS for their variants."""
        waiting = [each.file_id for each in kept if each.accepted.status == ProcessingStatus.PENDING]
        self._queue.wait(waiting, self._wait_seconds)
        now = self._statuses(waiting)
        for each in kept:
            file = each.accepted
            pending = file.status == ProcessingStatus.PENDING  # False for a duplicate of a pending file
            yield replace(file, status=now.get(each.file_id, file.status)) if pending else file

    @staticmethod
    def _statuses(file_ids: list[int]) -> dict[int, str]:
        """Return the current status by file id; empty if the database does not answer, since the files are saved."""
        query = select(File.id, File.processing_status).where(File.id.in_(file_ids))
        try:
            with reading() as session:
                return {file_id: str(status) for file_id, status in session.execute(query)}
        except DatabaseBusy as error:
            logger.warning("uploads are saved, but their status could not be read: %s", reason(error))
            return {}

    def _find(self, collection_id: int, sha256: str) -> SavedFile | None:
        query = select(File).where(File.collection_id == collection_id, File.sha256 == sha256, lookup.is_live(File))
        with reading() as session:
            file = session.scalar(query)
            return SavedFile(file.id, accepted_as(file, DUPLICATE)) if file else None

    def _is_kept(self, file_id: int, arrived: ReceivedFile) -> bool:
        """Return whether a known file still exists, restoring a lost original from the received bytes."""
        with reading() as session:
            file = session.get(File, file_id)
            if file is None or file.is_deleted:
                return False
            path, mime_type = file.storage_path, file.mime_type
            failed = file.processing_status == ProcessingStatus.FAILED
            storage = self._storage.named(file.storage_backend)
        if _is_whole(storage, path, arrived.size):
            return True
        logger.warning("original lost, restored from an upload file=%d key=%s", file_id, path)
        storage.delete(path)
        stored = storage.put(path, _bytes(arrived), mime_type, sha256=arrived.sha256)
        kept = self._still_exists(file_id, storage, path)
        _record_class(file_id, stored)
        if kept and failed and processing.restart(file_id):
            self.enqueue(file_id)
        return kept

    @staticmethod
    def _still_exists(file_id: int, storage: FileStorage, path: str) -> bool:
        """Return whether a file still exists after its original was restored; if it was purged, delete that object."""
        with reading() as session:
            file = session.get(File, file_id)
            is_live = file is not None and not file.is_deleted
            is_purged = file is None or file.purging_at is not None
        if is_purged:
            storage.delete(path)
        return is_live

    def _record(self, collection_id: int, collection_uuid: str, name: str, arrived: ReceivedFile) -> File:
        uuid = new_uuid()
        mime_type, extension = kind_of(arrived.head, name)
        filename = f"{uuid}{extension}"
        return _row(
            collection_id,
            name,
            mime_type,
            uuid=uuid,
            filename=filename,
            storage_path=original_key(collection_uuid, filename),
            storage_backend=self._storage.backend,
            size=arrived.size,
            sha256=arrived.sha256,
        )

    def _commit(self, record: File, upload_id: int | None = None) -> SavedFile:
        """Commit the row; if a duplicate was committed first, delete this object and return the duplicate."""
        collection_id, sha256 = record.collection_id, record.sha256 or ""
        backend, path = record.storage_backend, record.storage_path
        try:
            saved = self._insert(record, upload_id)
        except IntegrityError:
            duplicate = self._find(collection_id, sha256)
            if duplicate is not None:
                self._drop(backend, path)
                return duplicate
            saved = self._insert(record, upload_id)  # the duplicate was deleted since
        except NotFound:
            self._drop(backend, path)
            raise UploadRefused(GONE) from None
        if saved.accepted.status == ProcessingStatus.PENDING:
            self.enqueue(saved.file_id)
        return saved

    def _drop(self, backend: str, path: str) -> None:
        """Delete an object without a row; a failure is only logged, since the sweep of orphans removes it later."""
        try:
            self._storage.named(backend).delete(path)
        except StorageError as error:
            logger.warning("left behind key=%s: %s", path, error.message)

    @staticmethod
    def _insert(record: File, upload_id: int | None) -> SavedFile:
        with transaction() as session:
            lookup.require_live(session, record.collection_id)
            if upload_id is not None and not changed(session, delete(Upload).where(Upload.id == upload_id)):
                raise NotFound
            session.add(record)
            session.flush()
            return SavedFile(record.id, accepted_as(record, record.processing_status))


def _row(collection_id: int, name: str, mime_type: str, **more: Any) -> File:
    is_image = mime_type.startswith("image/")
    return File(
        collection_id=collection_id,
        original_filename=name,
        mime_type=mime_type,
        upload_complete=True,
        processing_status=ProcessingStatus.PENDING if is_image else ProcessingStatus.COMPLETED,
        **more,
    )


def _bytes(arrived: ReceivedFile) -> BinaryIO:
    stream = cast(BinaryIO, arrived.stream)
    stream.seek(0)
    return stream


def _is_whole(storage: FileStorage, key: str, size: int) -> bool:
    try:
        return storage.stat(key).size == size
    except ObjectMissing:
        return False


def _record_class(file_id: int, stored: StoredObject) -> None:
    """Update the storage class of a restored original."""
    with transaction() as session:
        session.execute(update(File).where(File.id == file_id).values(storage_class=stored.storage_class))
