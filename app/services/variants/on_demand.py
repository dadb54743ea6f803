"""Variants asked for before they exist, or after they were lost: made once, while the visitor waits a little."""

from __future__ import annotations

import logging
import time
from datetime import datetime

from flask import current_app
from sqlalchemy import select

from app.imaging import variants
from app.models import File, ProcessingStatus, Variant
from app.services import leases
from app.services.queue import QUEUE, Queue
from app.services.storage_service import StorageService
from app.services.transactions import end_reading, reading
from app.services.variants import processing, single, store, wholeness
from app.services.variants.wholeness import Place

logger = logging.getLogger(__name__)

# Another process may be at work, which only the database tells.
POLL_SECONDS = 0.1
AT_UPLOAD = frozenset(spec.name for spec in variants.AT_UPLOAD)


class OnDemand:
    """Asks for what is missing, single flight per file and variant: the claims and leases see to it."""

    def __init__(self, queue: Queue | None = None, storage: StorageService | None = None) -> None:
        self._storage = storage or StorageService()
        self._queue: Queue = queue or current_app.extensions[QUEUE]
        self._wait_seconds = float(current_app.config["VARIANT_WAIT_SECONDS"])

    def request(self, file: File, key: str, *, lost: bool) -> None:
        """Have a variant made in the background, for the next visitor; a `lost` one is forgotten first."""
        if file.is_image and file.processing_status == ProcessingStatus.COMPLETED:
            file_id = file.id
            if lost:
                self._forget(file, key)
            self._queue.submit(file_id, key, background=True)

    def retry(self, file_id: int) -> None:
        """Restart a failed or waiting file and submit it; raises NotFound, or Invalid for a file in another state."""
        processing.retry(file_id)
        self._queue.submit(file_id)

    def check(self, file: File, name: str) -> bool:
        """Whether a variant that a page could not show is whole in the store; if not, it is made again.

        So are its siblings: a page knows the name that it asked for, and not in which format it was answered.
        """
        rows = {row.name: row for row in file.variants if row.name in variants.family(name)}
        damaged = {key: row.created_at for key, row in rows.items() if not self._is_whole(file, row)}
        file_id, uuid = file.id, file.uuid
        for key, made_at in damaged.items():
            logger.warning("variant damaged file=%s name=%s, as a page reported", uuid, key)
            self._make_again(file_id, key, made_at)
        return name in rows and not damaged

    def _make_again(self, file_id: int, key: str, made_at: datetime) -> None:
        store.forget_lost(file_id, key, made_at)
        if variants.by_key(key).at_upload:
            self._start_anew(file_id, key)
            self._queue.submit(file_id)
        else:
            self._queue.submit(file_id, key)

    def _is_whole(self, file: File, row: Variant) -> bool:
        return wholeness.is_whole(self._storage.named(file.storage_backend), Place.of(row))

    def made_now(self, file: File, name: str, *, lost: bool) -> bool:
        """Whether the variant has been made while waiting VARIANT_WAIT_SECONDS at the longest.

        `lost` says that it is recorded, but its object is gone or damaged: it is forgotten, and made again.
        """
        if not file.is_image or file.processing_status == ProcessingStatus.FAILED:
            return False
        file_id = file.id
        if lost:
            self._forget(file, name)
        by_upload = name in AT_UPLOAD
        if by_upload and file.processing_status == ProcessingStatus.COMPLETED:
            self._start_anew(file_id, name)
        end_reading()
        return self._waited(file_id, None if by_upload else name, name)

    @staticmethod
    def _forget(file: File, name: str) -> None:
        """Forget a variant as it was when this visitor looked, not what another had made again since."""
        made_at = next((row.created_at for row in file.variants if row.name == name), None)
        store.forget_lost(file.id, name, made_at)

    @staticmethod
    def _start_anew(file_id: int, name: str) -> None:
        processing.restart(file_id, ~File.variants.any(Variant.name == name))  # another may have had it made since

    def _waited(self, file_id: int, key: str | None, name: str) -> bool:
        deadline = time.monotonic() + self._wait_seconds
        self._queue.submit(file_id, key)
        while True:
            self._queue.wait([file_id], max(0.0, deadline - time.monotonic()), key)
            if self._is_there(file_id, name):
                return True
            if time.monotonic() >= deadline or not self._is_under_way(file_id, key):
                return False
            time.sleep(POLL_SECONDS)

    @staticmethod
    def _is_there(file_id: int, name: str) -> bool:
        query = select(Variant.id).where(Variant.file_id == file_id, Variant.name == name)
        with reading() as session:
            return session.scalar(query) is not None

    @staticmethod
    def _is_under_way(file_id: int, key: str | None) -> bool:
        """Whether this or another process is at it, or will be in a moment."""
        if key is not None:
            return leases.is_held(single.lease_name(file_id, key))
        return not processing.is_at_rest(file_id)
