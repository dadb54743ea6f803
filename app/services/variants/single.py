"""Single variants of completed files, made on demand under a lease; a failure pauses further attempts."""

from __future__ import annotations

import logging
from datetime import timedelta

from flask import current_app
from sqlalchemy import select

from app.errors import AppError, ImageError, StorageError
from app.imaging import render, variants
from app.imaging.limits import Limits
from app.models import File, ProcessingStatus, Variant
from app.services import leases
from app.services.lookup import is_live
from app.services.storage_service import StorageService
from app.services.transactions import reading, transaction
from app.services.variants import isolation, private_originals, store
from app.services.variants.private_originals import PrivateOriginals
from app.services.variants.store import Original, VariantStore

logger = logging.getLogger(__name__)

ON_DEMAND = tuple(spec.name for spec in variants.LADDER if not spec.at_upload)
ON_DEMAND_LEASE = timedelta(seconds=60)  # the longest that making one variant may take
PAUSE_AFTER_DEATH = timedelta(minutes=15)  # pause after the process ended while making the variant
PAUSE_AFTER_FAILURE = timedelta(seconds=60)  # pause after an attempt that failed


class NullProgress:
    """A Progress that renews nothing: the lease of a variant on demand covers all of its work."""

    def touch(self) -> None:
        """No-op."""


class SingleVariant:
    """Makes and records variants one at a time; must be used inside an app context."""

    def __init__(self, storage: StorageService | None = None) -> None:
        storage = storage or StorageService()
        self._store, self._private = VariantStore(storage), PrivateOriginals(storage)
        self._limits = Limits(max_megapixels=current_app.config["MAX_IMAGE_MEGAPIXELS"])

    def make(self, file_id: int, key: str) -> bool:
        """Make a variant on demand.

        Returns False if it exists or cannot be made, if another process is making it, or while a photo is in isolation.
        """
        if not is_wanted(file_id, key):  # read first, so that an existing variant takes no write lock
            return False
        if isolation.is_blocked():  # the variant will be requested again
            return False
        name = lease_name(file_id, key)
        token = leases.acquire(name, ON_DEMAND_LEASE)
        if token is None:
            return False
        if isolation.is_blocked():  # checked after the commit: one of two rivals sees it
            leases.release(name, token)
            return False
        original = _original_lacking(file_id, key)  # checked again: the previous holder may have made it
        made = original is not None and self._make_guarded(original, key, name)
        leases.release(name, token)
        return made

    def _make_guarded(self, original: Original, key: str, name: str) -> bool:
        """Make it while holding a lease that pauses further attempts if this process ends or the attempt fails."""
        mark = leases.acquire(f"{name}/failed", PAUSE_AFTER_DEATH)
        if mark is None:
            return False
        try:
            made = self._make(original, key)
        finally:
            leases.release(f"{name}/failed", mark)
        if not made:
            leases.acquire(f"{name}/failed", PAUSE_AFTER_FAILURE)
        return made

    def _make(self, original: Original, key: str) -> bool:
        failure: AppError | None
        try:
            if key == private_originals.NAME:
                rows, failure = self._private.make(original, NullProgress()), None
            else:
                rows, failure = self._rendered(original, variants.by_key(key))
        except (ImageError, StorageError) as error:
            rows, failure = [], error
            if isinstance(error, ImageError):
                leases.acquire(_unreadable(original.file_id, key), PAUSE_AFTER_FAILURE)
        except OSError as error:
            rows, failure = [], store.disk_error(error)
        if failure is not None:
            logger.warning("variant failed file=%s name=%s: %s", original.uuid, key, failure.message)
        return failure is None and bool(rows) and self._record(original, rows)

    def _rendered(self, original: Original, spec: variants.VariantSpec) -> tuple[list[Variant], AppError | None]:
        with (
            self._store.fetched(original, NullProgress()) as stream,
            render.render(stream, [spec], self._limits) as picture,
        ):
            return self._store.keep(original, picture, NullProgress())

    def _record(self, original: Original, rows: list[Variant]) -> bool:
        with transaction() as session:
            # The uuid too: SQLite may have reused the id of a deleted file.
            same = (File.id == original.file_id, File.uuid == original.uuid)
            live = select(File.id).where(*same, is_live(File))
            alive = session.scalar(live.with_for_update(read=True)) is not None
            if alive:
                store.record(session, rows)
        if not alive:
            self._store.discard(original, rows)
        return alive


def lease_name(file_id: int, key: str) -> str:
    """Return the name of the lease under which a variant is made on demand."""
    return f"variant/{file_id}/{key}"


def is_wanted(file_id: int, key: str) -> bool:
    """Return whether a variant on demand is missing, can be made, and is not paused after a failure."""
    return _original_lacking(file_id, key) is not None and not leases.is_held(f"{lease_name(file_id, key)}/failed")


def is_unreadable(file_id: int, key: str) -> bool:
    """Return whether making this variant failed within PAUSE_AFTER_FAILURE because the picture could not be read."""
    return leases.is_held(_unreadable(file_id, key))


def _unreadable(file_id: int, key: str) -> str:
    return f"{lease_name(file_id, key)}/unreadable/failed"


def _lacks(file: File, key: str) -> bool:
    if key == private_originals.NAME:
        return private_originals.is_lacking(file)
    return file.is_image and all(row.name != key for row in file.variants)


def _original_lacking(file_id: int, key: str) -> Original | None:
    """Return the original of a completed file that lacks this variant, or None."""
    completed = (File.processing_status == ProcessingStatus.COMPLETED, is_live(File))
    with reading() as session:
        file = session.scalar(select(File).where(File.id == file_id, *completed))
        return Original.of(file) if file is not None and _lacks(file, key) else None
