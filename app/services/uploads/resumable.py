"""Resumable uploads of large files: announced, sent in pieces, and completed into originals."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from flask import current_app
from sqlalchemy.exc import IntegrityError

from app.errors import AppError, NotFound, UploadIncomplete
from app.models import Upload, new_uuid
from app.services.queue import Queue
from app.services.storage_service import StorageService
from app.services.uploads import check, limits, rows
from app.services.uploads.chunks import SpooledChunks
from app.services.uploads.names import display_name
from app.services.uploads.originals import OriginalService
from app.services.uploads.parts import DirectParts
from app.services.uploads.receipt import DUPLICATE, UploadReport
from app.services.uploads.rows import CHUNKS, PARTS, Announced, Begun, UploadProgress, UploadRecord
from app.services.uploads.transfer import Transfer

logger = logging.getLogger(__name__)


class ResumableService:
    """Receives large files in pieces; must be used inside an app context."""

    def __init__(self, queue: Queue | None = None, storage: StorageService | None = None) -> None:
        self._storage = storage or StorageService()
        self._originals = OriginalService(queue, self._storage)
        self._chunks = SpooledChunks(Path(current_app.config["SPOOL_PATH"]), self._originals)
        self._parts = DirectParts(self._storage, self._originals)

    def begin(self, collection_id: int, user_id: int, announced: Announced) -> Begun:
        """Begin an upload, resume one of the same sender and digest, or return the duplicate in the collection.

        Raises StorageError, UploadRefused if the file exceeds the limits, or NotFound if the collection was deleted.
        """
        limits.limits().require_fit(announced.size)
        present = check.check(collection_id, [announced.sha256]).present
        if present:
            return Begun(duplicate=replace(present[0], status=DUPLICATE))
        resumed = self._resumed(collection_id, user_id, announced)
        return Begun(resumed) if resumed else self._begun(collection_id, user_id, announced)

    def progress(self, upload_id: int) -> UploadProgress:
        """Return the progress of an upload; raises NotFound, or UploadIncomplete if it must be begun again."""
        record = self._record(upload_id)
        return self._transfer(record).progress(record)

    def receive(self, upload_id: int, offset: int, chunks: Iterable[bytes]) -> int:
        """Write bytes at the offset and return the total received; bytes received before an error are kept.

        Raises NotFound, Conflict, WrongOffset, FileTooLarge, SpoolFull, and any error of reading the chunks.
        """
        record = self._record(upload_id)
        rows.touch(upload_id)
        return self._chunks.receive(record, offset, chunks)

    def part_urls(self, upload_id: int, md5s: Mapping[int, str]) -> dict[int, str]:
        """Return the presigned PUT URL of each part, by part number. The store refuses bytes with another MD5 (base64).

        Raises NotFound, Conflict for an upload that is sent in chunks, Invalid for a wrong part number or MD5.
        """
        record = self._record(upload_id)
        rows.touch(upload_id)
        return self._parts.urls(record, md5s)

    def complete(self, upload_id: int, md5s: Mapping[int, str] | None = None) -> UploadReport:
        """Make an original of a completely received upload, and wait up to VARIANT_WAIT_SECONDS for its variants.

        Parts in the store whose MD5 differs from the given one, in base64, count as missing. Raises UploadIncomplete;
        StorageError or DatabaseBusy, after which it can be retried; UploadRefused, after which it must be begun again.
        """
        record = self._record(upload_id)
        kept = self._transfer(record).finish(record, md5s or {})
        self._clean_up(record)
        return UploadReport(tuple(self._originals.receipts([kept])), ())

    def cancel(self, upload_id: int) -> None:
        """Delete the upload and its bytes; raises NotFound, or StorageError if the store cannot be reached."""
        self.discard(self._record(upload_id))

    def discard(self, record: UploadRecord) -> None:
        """Delete the bytes and the row; raises StorageError, after which the row is kept for a retry."""
        self._transfer(record).discard(record)

    def _resumed(self, collection_id: int, user_id: int, announced: Announced) -> UploadProgress | None:
        """Return the progress of an earlier upload of the same file, or None.

        An earlier upload with another size or store, or one that the store has deleted, is discarded.
        """
        record = rows.find(
            Upload.collection_id == collection_id, Upload.user_id == user_id, Upload.sha256 == announced.sha256
        )
        if record is None:
            return None
        if (record.size, record.backend) == (announced.size, self._storage.backend):
            with suppress(UploadIncomplete):  # the bucket may have deleted the parts, often after a week
                progress = self._transfer(record).progress(record)
                rows.touch(record.id)
                return progress
        self.discard(record)
        return None

    def _begun(self, collection_id: int, user_id: int, announced: Announced) -> Begun:
        uuid, name = new_uuid(), display_name(announced.name)
        transfer = self._transfer_for(collection_id, announced)
        row = Upload(
            uuid=uuid,
            collection_id=collection_id,
            user_id=user_id,
            name=name,
            size=announced.size,
            sha256=announced.sha256,
            storage_backend=self._storage.backend,
            **asdict(transfer.begin(collection_id, uuid, name)),
        )
        try:
            record = rows.insert(row, collection_id)
        except IntegrityError:  # begun concurrently by another request; the sweep removes these parts
            return self.begin(collection_id, user_id, announced)
        return Begun(transfer.progress(record), fresh=True)

    def _transfer_for(self, collection_id: int, announced: Announced) -> Transfer:
        """Choose parts if the store accepts them, but chunks to restore a file whose original is lost."""
        if self._parts.are_supported and not self._originals.has_digest(collection_id, announced.sha256):
            return self._parts
        return self._chunks

    def _transfer(self, record: UploadRecord) -> Transfer:
        transfers: dict[str, Transfer] = {CHUNKS: self._chunks, PARTS: self._parts}
        return transfers[record.mode]

    def _record(self, upload_id: int) -> UploadRecord:
        record = rows.find(Upload.id == upload_id)
        if record is None:
            raise NotFound
        return record

    def _clean_up(self, record: UploadRecord) -> None:
        """Delete what the completed upload no longer needs; a failure is only logged, since the file is saved."""
        try:
            self.discard(record)
        except (AppError, OSError) as error:
            logger.warning("left behind upload=%s: %s", record.uuid, error)
