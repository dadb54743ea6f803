"""Uploads that nobody goes on with: after a week what arrived of them is thrown away."""

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

ABANDONED = timedelta(days=7)  # buckets are commonly told to abort what is older
ROWLESS = timedelta(hours=24)  # bytes whose row went with an account, or whose removal was cut short
PAUSE = timedelta(minutes=10)  # between two looks; a store that does not answer is not asked more often either
AT_ONCE = 100
LEASE = "uploads/abandoned"


class AbandonedUploads:
    """Removes them; must be used inside an app context."""

    def __init__(self, storage: StorageService | None = None) -> None:
        self._uploads = ResumableService(storage=storage)
        self._spool_folder = Path(current_app.config["SPOOL_PATH"])

    def sweep(self) -> int:
        """Every ten minutes, remove what nobody has touched for a week; returns how many went."""
        if leases.is_held(LEASE) or leases.acquire(LEASE, PAUSE) is None:
            return 0
        due = rows.some(Upload.touched_at <= utc_now() - ABANDONED, limit=AT_ONCE)
        gone = sum(self._discarded(facts) for facts in due)
        return gone + chunks.sweep(self._spool_folder, _uuids(), ROWLESS)

    def discard_of(self, collection_id: int) -> None:
        """Remove those of a collection that is being purged; raises StorageError."""
        while batch := rows.some(Upload.collection_id == collection_id, limit=AT_ONCE):
            for facts in batch:
                self._uploads.discard(facts)

    def _discarded(self, facts: rows.UploadRecord) -> bool:
        """Whether it is gone; if not, the row stays for another look."""
        try:
            self._uploads.discard(facts)
        except (StorageError, OSError) as error:
            logger.warning("abandoned upload=%s could not be removed: %s", facts.uuid, error)
            return False
        logger.info("abandoned upload=%s removed, size=%d", facts.uuid, facts.size)
        return True


def _uuids() -> set[str]:
    with reading() as session:
        return set(session.scalars(select(Upload.uuid)))
