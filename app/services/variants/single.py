"""One variant of a file that is well, made because it was asked for: under a lease, and not again soon if it fails."""

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
ON_DEMAND_LEASE = timedelta(seconds=60)  # how long one process may take for one variant on demand
DEATH_REST = timedelta(minutes=15)  # how long one is left alone whose process died of it, or beside it
FAILURE_REST = timedelta(seconds=60)  # how long a variant on demand that failed is left alone


class NullProgress:
    """Progress that is ignored: the lease of a variant on demand is as long as its work may take."""

    def touch(self) -> None:
        """Nothing to renew."""


class SingleVariant:
    """Makes and records variants one at a time; must be used inside an app context."""

    def __init__(self, storage: StorageService | None = None) -> None:
        storage = storage or StorageService()
        self._store, self._private = VariantStore(storage), PrivateOriginals(storage)
        self._limits = Limits(max_megapixels=current_app.config["MAX_IMAGE_MEGAPIXELS"])

    def make(self, file_id: int, key: str) -> bool:
        """Make one variant that is made on demand; False if it exists, cannot be, or another process is at it."""
        if not is_wanted(file_id, key):
            return False  # asked first, so that what is there already takes no write lock
        if isolation.is_blocked():
            return False  # a photo that may end its worker is prepared alone; this is asked for again
        name = lease_name(file_id, key)
        token = leases.acquire(name, ON_DEMAND_LEASE)
        if token is None:
            return False
        if isolation.is_blocked():  # looked at after the commit: of two, one sees the other
            leases.release(name, token)
            return False
        original = _wanting(file_id, key)  # again: whoever had the lease before may have made it meanwhile
        made = original is not None and self._marked(original, key, name)
        leases.release(name, token)
        return made

    def _marked(self, original: Original, key: str, name: str) -> bool:
        """Make it under a mark that keeps it alone for a while, should this process die of it; a failure for less."""
        mark = leases.acquire(f"{name}/failed", DEATH_REST)
        if mark is None:
            return False
        try:
            made = self._make(original, key)
        finally:
            leases.release(f"{name}/failed", mark)
        if not made:
            leases.acquire(f"{name}/failed", FAILURE_REST)
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
                leases.acquire(_unreadable(original.file_id, key), FAILURE_REST)
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
            # By uuid, too: SQLite may have given the id of a file that is gone to the next upload.
            same = (File.id == original.file_id, File.uuid == original.uuid)
            live = select(File.id).where(*same, is_live(File))
            alive = session.scalar(live.with_for_update(read=True)) is not None
            if alive:
                store.record(session, rows)
        if not alive:
            self._store.discard(original, rows)
        return alive


def lease_name(file_id: int, key: str) -> str:
    """The lease under which a variant on demand is made."""
    return f"variant/{file_id}/{key}"


def is_wanted(file_id: int, key: str) -> bool:
    """Whether a variant on demand could be made, has not been, and has not just failed."""
    return _wanting(file_id, key) is not None and not has_just_failed(file_id, key)


def has_just_failed(file_id: int, key: str) -> bool:
    """Whether a variant on demand could not be made within the last FAILURE_REST, and is left alone until then."""
    return leases.is_held(f"{lease_name(file_id, key)}/failed")


def is_unreadable(file_id: int, key: str) -> bool:
    """Whether the picture itself was the reason of a failure within the last FAILURE_REST, not the store."""
    return leases.is_held(_unreadable(file_id, key))


def _unreadable(file_id: int, key: str) -> str:
    return f"{lease_name(file_id, key)}/unreadable/failed"


def _lacks(file: File, key: str) -> bool:
    if key == private_originals.NAME:
        return private_originals.is_lacking(file)
    return file.is_image and all(row.name != key for row in file.variants)


def _wanting(file_id: int, key: str) -> Original | None:
    """The original of a file that is well and lacks this variant."""
    well = (File.processing_status == ProcessingStatus.COMPLETED, is_live(File))
    with reading() as session:
        file = session.scalar(select(File).where(File.id == file_id, *well))
        return Original.of(file) if file is not None and _lacks(file, key) else None
