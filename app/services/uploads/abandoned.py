"""Removal of abandoned uploads: those untouched for a week, and partial files without a row."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from app.errors import StorageError
from app.models import Upload, utc_now
from app.services import leases
from app.services.storage_service import StorageService
from app.services.transactions import reading
from app.services.uploads import chunks, rows
from app.services.uploads.resumable import ResumableService

logger = logging.getLogger(__name__)

ABANDONED = timedelta(days=7)  # buckets commonly abort older multipart uploads
ROWLESS = timedelta(hours=24)  # partial files whose row was deleted with an account, or whose removal was interrupted
PAUSE = timedelta(minutes=10)  # between two sweeps, also for a store that does not answer
BATCH = 100
LEASE = "uploads/abandoned"


class AbandonedUploads:
    """Removes abandoned uploads; must be used inside an app context."""

    def __init__(self, storage: StorageService | None = None) -> None:
        self._uploads = ResumableService(storage=storage)
        self._spool_folder = Path(current_app.config["SPOOL_PATH"])

    def sweep(self) -> int:
        """Remove abandoned uploads unless a sweep ran within PAUSE; returns the number removed."""
        if leases.is_held(LEASE) or leases.acquire(LEASE, PAUSE) is None:
            return 0
        due = rows.find_oldest(Upload.touched_at <= utc_now() - ABANDONED, limit=BATCH)
        removed = sum(self._discard(record) for record in due)
        return removed + chunks.sweep(self._spool_folder, _uuids(), ROWLESS)

    def discard_of(self, collection_id: int) -> None:
        """Remove all uploads of a collection that is being purged; raises StorageError."""
        while batch := rows.find_oldest(Upload.collection_id == collection_id, limit=BATCH):
            for record in batch:
                self._uploads.discard(record)

    def _discard(self, record: rows.UploadRecord) -> bool:
        """Remove an upload; returns False on failure, keeping its row for the next sweep."""
        try:
            self._uploads.discard(record)
        except (StorageError, OSError) as error:
            logger.warning("abandoned upload=%s could not be removed: %s", record.uuid, error)
            return False
        logger.info("abandoned upload=%s removed, size=%d", record.uuid, record.size)
        return True


def _uuids() -> set[str]:
    with reading() as session:
        return set(session.scalars(select(Upload.uuid)))
