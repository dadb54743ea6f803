"""Cleaned originals: copies without location and serial numbers, for visitors of collections that hide them.

They are made once and stored as a variant; the uploaded original is never replaced.
"""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import BinaryIO, cast

from flask import current_app
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload

from app.errors import CannotBeCleaned, ImageError
from app.imaging import formats, privacy
from app.models import Collection, File, ProcessingStatus, Variant, db
from app.services.lookup import live_files
from app.services.queue import QUEUE, Queue
from app.services.storage_service import StorageService, variant_key
from app.services.transactions import reading, transaction
from app.services.variants.store import Original, Progress, VariantStore, digest_of

logger = logging.getLogger(__name__)

NAME = "private"  # the name of the variant, in its row and its key
WITHHELD = "withheld"  # the key in `metadata_json` of the reason that an original could not be cleaned
_WORDS = f"{CannotBeCleaned.words} Visitors of this collection see only previews of it."


def withheld(file: File) -> str | None:
    """Return why visitors cannot download this file while location is hidden; None if no reason is known."""
    return why_withheld(file.processing_status, file.mime_type, (file.metadata_json or {}).get(WITHHELD))


def why_withheld(status: ProcessingStatus, mime_type: str | None, note: str | None) -> str | None:
    """Return the words of `withheld` for these columns of a file and the WITHHELD entry of its `metadata_json`."""
    failed = status == ProcessingStatus.FAILED
    return _WORDS if failed or not privacy.cleans(mime_type or "") or note else None


def _is_withheld() -> ColumnElement[bool]:
    """Return `withheld` as a condition on File."""
    has_reason = File.metadata_json[WITHHELD].as_string().is_not(None)
    return or_(File.mime_type.not_in(privacy.CLEANED), File.processing_status == ProcessingStatus.FAILED, has_reason)


def count_withheld(collection_id: int) -> int:
    """Return the number of files of a collection whose originals are withheld from visitors."""
    query = select(func.count()).select_from(File).where(*live_files(collection_id), _is_withheld())
    return db.session.scalar(query) or 0


def keys_of(original_path: str) -> set[str]:
    """Return every key that the cleaned original of a file may have, one for each format."""
    rows = (row for row in formats.FORMATS if row.mime in privacy.CLEANED)
    return {variant_key(original_path, NAME, row.extension) for row in rows}


def is_lacking(file: File) -> bool:
    """Return whether the collection of a file hides location, and the file can be cleaned but has not been."""
    return file.collection.hides_location and withheld(file) is None and all(row.name != NAME for row in file.variants)


class Preparation:
    """Queues cleaned originals in the background, one after another; must be created inside an app context."""

    def __init__(self, queue: Queue | None = None) -> None:
        self._queue: Queue = queue or current_app.extensions[QUEUE]

    def start(self, collection_id: int, after: int = 0) -> None:
        """Queue the first missing cleaned original with a file id above `after`; its job then queues the next."""
        file_id = _next_lacking(collection_id, after)
        if file_id is not None:
            self._queue.submit(file_id, NAME, background=True)

    def continue_after(self, file_id: int) -> None:
        """Queue the next missing cleaned original in the collection of this file."""
        self._continue(file_id, file_id)

    def continue_from(self, file_id: int) -> None:
        """Queue the cleaned original of this file or, if it exists, the next missing one."""
        self._continue(file_id, file_id - 1)

    def _continue(self, file_id: int, after: int) -> None:
        query = select(File.collection_id).join(Collection).where(File.id == file_id, Collection.hides_location)
        with reading() as session:
            collection_id = session.scalar(query)
        if collection_id is not None:
            self.start(collection_id, after)


def _next_lacking(collection_id: int, after: int) -> int | None:
    made = select(Variant.id).where(Variant.file_id == File.id, Variant.name == NAME).exists()
    lacking = and_(File.processing_status == ProcessingStatus.COMPLETED, ~_is_withheld(), ~made, File.id > after)
    hiding = select(Collection.id).where(Collection.id == collection_id, Collection.hides_location)
    query = select(File.id).where(*live_files(collection_id), lacking, File.collection_id.in_(hiding))
    with reading() as session:
        return session.scalar(query.order_by(File.id).limit(1))


class PrivateOriginals:
    """Makes and stores cleaned originals; must be used inside an app context."""

    def __init__(self, storage: StorageService) -> None:
        self._storage, self._store = storage, VariantStore(storage)
        self._spool_folder = Path(current_app.config["SPOOL_PATH"])

    def make(self, original: Original, progress: Progress) -> list[Variant]:
        """Store a cleaned copy of an original and return its row, not yet added to a session.

        Returns no row if the file cannot be cleaned, after recording the reason in the file. Raises StorageError, or a
        transient ImageError, after which a retry may succeed.
        """
        self._spool_folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self._spool_folder) as spool:
            target = cast(BinaryIO, spool)
            try:
                with self._store.fetched(original, progress) as stream:
                    cleaned = privacy.clean(stream, target)
            except ImageError as error:
                if error.transient:
                    raise
                _withhold(original, error)
                return []
            return [self._stored(original, cleaned, target)]

    def _stored(self, original: Original, cleaned: privacy.Cleaned, target: BinaryIO) -> Variant:
        kind = cleaned.format
        stored = self._storage.upload_image_variant(
            target, original.path, NAME, kind.mime, kind.extension, backend=original.backend
        )
        return Variant(
            file_id=original.file_id,
            name=NAME,
            format=kind.name,
            path=stored.key,
            width=cleaned.width,
            height=cleaned.height,
            size=stored.size,
            sha256=digest_of(target),
        )


def _withhold(original: Original, error: ImageError) -> None:
    """Record why a file cannot be cleaned, so that later requests do not try again."""
    logger.warning("original withheld file=%s: %s", original.uuid, error)
    same = (File.id == original.file_id, File.uuid == original.uuid)
    with transaction() as session:
        file = session.scalar(select(File).where(*same).options(joinedload(File.collection)).with_for_update(of=File))
        if file is not None:
            file.metadata_json = {**(file.metadata_json or {}), WITHHELD: _WORDS}
