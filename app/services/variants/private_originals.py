"""Originals without place and serial numbers, for the visitors of collections that hide them: made once, kept beside
the variants under a name of their own, and never in place of the original.
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

NAME = "private"  # as it is recorded among the variants, and named in the store
WITHHELD = "withheld"  # the key in `metadata_json` under which it says why an original could not be cleaned
_WORDS = f"{CannotBeCleaned.words} Visitors of this collection see only previews of it."


def withheld(file: File) -> str | None:
    """Why visitors get no original of this file where the place is hidden; None if they do, as far as is known yet."""
    failed = file.processing_status == ProcessingStatus.FAILED
    if failed or not privacy.cleans(file.mime_type or "") or (file.metadata_json or {}).get(WITHHELD):
        return _WORDS
    return None


def _is_withheld() -> ColumnElement[bool]:
    """`withheld` as a condition."""
    said = File.metadata_json[WITHHELD].as_string().is_not(None)
    return or_(File.mime_type.not_in(privacy.CLEANED), File.processing_status == ProcessingStatus.FAILED, said)


def count_withheld(collection_id: int) -> int:
    """Of how many files of a collection visitors get no original."""
    query = select(func.count()).select_from(File).where(*live_files(collection_id), _is_withheld())
    return db.session.scalar(query) or 0


def keys_of(original_path: str) -> set[str]:
    """Where a cleaned original may lie, in whichever format."""
    rows = (row for row in formats.FORMATS if row.mime in privacy.CLEANED)
    return {variant_key(original_path, NAME, row.extension) for row in rows}


def is_lacking(file: File) -> bool:
    """Whether a file that is well should have a cleaned original, could, and has none."""
    return file.collection.hides_location and withheld(file) is None and all(row.name != NAME for row in file.variants)


class Preparation:
    """Has cleaned originals made in the background, one after another; must be made inside an app context."""

    def __init__(self, queue: Queue | None = None) -> None:
        self._queue: Queue = queue or current_app.extensions[QUEUE]

    def of(self, collection_id: int, after: int = 0) -> None:
        """Begin with the first of a collection that is lacking; whoever has made it goes on behind it."""
        file_id = _next_lacking(collection_id, after)
        if file_id is not None:
            self._queue.submit(file_id, NAME, background=True)

    def behind(self, file_id: int) -> None:
        """Go on with the files that follow one in its collection."""
        self._go_on(file_id, file_id)

    def beginning_with(self, file_id: int) -> None:
        """Begin with a file that has become ready."""
        self._go_on(file_id, file_id - 1)

    def _go_on(self, file_id: int, after: int) -> None:
        query = select(File.collection_id).join(Collection).where(File.id == file_id, Collection.hides_location)
        with reading() as session:
            collection_id = session.scalar(query)
        if collection_id is not None:
            self.of(collection_id, after)


def _next_lacking(collection_id: int, after: int) -> int | None:
    made = select(Variant.id).where(Variant.file_id == File.id, Variant.name == NAME).exists()
    lacking = and_(File.processing_status == ProcessingStatus.COMPLETED, ~_is_withheld(), ~made, File.id > after)
    hiding = select(Collection.id).where(Collection.id == collection_id, Collection.hides_location)
    query = select(File.id).where(*live_files(collection_id), lacking, File.collection_id.in_(hiding))
    with reading() as session:
        return session.scalar(query.order_by(File.id).limit(1))


class PrivateOriginals:
    """Makes cleaned originals; must be used inside an app context."""

    def __init__(self, storage: StorageService) -> None:
        self._storage, self._store = storage, VariantStore(storage)
        self._spool_folder = Path(current_app.config["SPOOL_PATH"])

    def make(self, original: Original, progress: Progress) -> list[Variant]:
        """Clean an original and store that; the row to record, or none where it is withheld, which is recorded here.

        Raises StorageError and transient ImageErrors, after which another try may help.
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
    """Record why visitors get no original of this file, so that nobody tries again with each of them."""
    logger.warning("original withheld file=%s: %s", original.uuid, error)
    same = (File.id == original.file_id, File.uuid == original.uuid)
    with transaction() as session:
        file = session.scalar(select(File).where(*same).options(joinedload(File.collection)).with_for_update(of=File))
        if file is not None:
            file.metadata_json = {**(file.metadata_json or {}), WITHHELD: _WORDS}
