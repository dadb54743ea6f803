"""Variants requested while they are missing or damaged: made once, while the visitor waits for a limited time."""

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
from app.services.variants import integrity, processing, single, store
from app.services.variants.integrity import VariantLocation

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.1  # of the database, since another process may be making the variant
AT_UPLOAD = frozenset(spec.name for spec in variants.AT_UPLOAD)


class OnDemand:
    """Requests missing variants; claims and leases ensure that each is made only once at a time."""

    def __init__(self, queue: Queue | None = None, storage: StorageService | None = None) -> None:
        self._storage = storage or StorageService()
        self._queue: Queue = queue or current_app.extensions[QUEUE]
        self._wait_seconds = float(current_app.config["VARIANT_WAIT_SECONDS"])

    def request(self, file: File, key: str, *, lost: bool) -> None:
        """Queue a variant in the background for the next visitor; if `lost`, delete its row first."""
        if file.is_image and file.processing_status == ProcessingStatus.COMPLETED:
            file_id = file.id
            if lost:
                self._forget(file, key)
            self._queue.submit(file_id, key, background=True)

    def retry(self, file_id: int) -> None:
        """Restart a failed or retrying file and submit it; raises NotFound, or Invalid in any other state."""
        processing.retry(file_id)
        self._queue.submit(file_id)

    def check(self, file: File, name: str) -> bool:
        """Return whether a variant that a page could not show is intact in the store; damaged ones are made again.

        Siblings in other formats are checked too: the page does not know which format it received.
        """
        rows = {row.name: row for row in file.variants if row.name in variants.family(name)}
        damaged = {key: row.created_at for key, row in rows.items() if not self._is_intact(file, row)}
        file_id, uuid = file.id, file.uuid
        for key, made_at in damaged.items():
            logger.warning("variant damaged file=%s name=%s reported by a page", uuid, key)
            self._make_again(file_id, key, made_at)
        return name in rows and not damaged

    def _make_again(self, file_id: int, key: str, made_at: datetime) -> None:
        store.forget_lost(file_id, key, made_at)
        if variants.by_key(key).at_upload:
            self._restart(file_id, key)
            self._queue.submit(file_id)
        else:
            self._queue.submit(file_id, key)

    def _is_intact(self, file: File, row: Variant) -> bool:
        return integrity.is_intact(self._storage.named(file.storage_backend), VariantLocation.of(row))

    def make_now(self, file: File, name: str, *, lost: bool) -> bool:
        """Request a variant, wait up to VARIANT_WAIT_SECONDS, and return whether it exists then.

        If `lost`, the variant has a row, but its object is missing or damaged: the row is deleted first.
        """
        if not file.is_image or file.processing_status == ProcessingStatus.FAILED:
            return False
        file_id = file.id
        if lost:
            self._forget(file, name)
        by_upload = name in AT_UPLOAD
        if by_upload and file.processing_status == ProcessingStatus.COMPLETED:
            self._restart(file_id, name)
        end_reading()
        return self._wait(file_id, None if by_upload else name, name)

    @staticmethod
    def _forget(file: File, name: str) -> None:
        """Delete the row as this visitor read it, not one written since."""
        made_at = next((row.created_at for row in file.variants if row.name == name), None)
        store.forget_lost(file.id, name, made_at)

    @staticmethod
    def _restart(file_id: int, name: str) -> None:
        processing.restart(file_id, ~File.variants.any(Variant.name == name))  # unless it was made in the meantime

    def _wait(self, file_id: int, key: str | None, name: str) -> bool:
        deadline = time.monotonic() + self._wait_seconds
        self._queue.submit(file_id, key)
        while True:
            self._queue.wait([file_id], max(0.0, deadline - time.monotonic()), key)
            if self._is_recorded(file_id, name):
                return True
            if time.monotonic() >= deadline or not self._is_being_made(file_id, key):
                return False
            time.sleep(POLL_SECONDS)

    @staticmethod
    def _is_recorded(file_id: int, name: str) -> bool:
        query = select(Variant.id).where(Variant.file_id == file_id, Variant.name == name)
        with reading() as session:
            return session.scalar(query) is not None

    @staticmethod
    def _is_being_made(file_id: int, key: str | None) -> bool:
        """Return whether any process is making the variant or, if `key` is None, the file is pending or processing."""
        if key is not None:
            return leases.is_held(single.lease_name(file_id, key))
        return not processing.is_at_rest(file_id)
