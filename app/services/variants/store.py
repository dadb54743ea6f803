"""Storage around rendering: originals fetched as local files, renditions stored, and their rows."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from flask import current_app
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.disk import is_full
from app.errors import OriginalDiffers, StorageError, StorageFull, StorageUnavailable
from app.imaging.render import Picture, Rendition
from app.models import File, Variant
from app.services.storage_service import StorageService
from app.services.transactions import reading, transaction

logger = logging.getLogger(__name__)

COPY_BYTES = 1 << 20
NO_SPACE = "The server's disk is full. The original is saved; the preview is made once there is space."
# The two path columns of the files table; every rendition also has a row in variants.
PATH_COLUMNS = {"thumb": "thumb_path", "medium": "medium_path"}


@dataclass(frozen=True)
class Original:
    """The columns of a file that a worker needs, detached from any session."""

    file_id: int
    uuid: str
    path: str
    backend: str
    sha256: str | None = None

    @classmethod
    def of(cls, file: File) -> Original:
        """Return the original of a file row."""
        return cls(file.id, file.uuid, file.storage_path, file.storage_backend, file.sha256)


class Progress(Protocol):
    """Receives a call after each step of a long task, for example to renew a lease."""

    def touch(self) -> None:
        """Report that a step was completed."""
        ...


class VariantStore:
    """Fetches originals and stores renditions; must be created inside an app context."""

    def __init__(self, storage: StorageService) -> None:
        self._storage = storage
        self._spool_folder = Path(current_app.config["SPOOL_PATH"])

    @contextmanager
    def fetched(self, original: Original, progress: Progress) -> Iterator[BinaryIO]:
        """Open the original as a local file: the stored file itself, or a temporary copy of it."""
        path = self._storage.named(original.backend).local_path(original.path)
        if path is not None:
            with path.open("rb") as stream:
                yield stream
            return
        self._spool_folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self._spool_folder) as copy:
            self._copy(original, cast(BinaryIO, copy), progress)
            yield cast(BinaryIO, copy)

    def _copy(self, original: Original, copy: BinaryIO, progress: Progress) -> None:
        """Copy and verify the SHA-256: an upload sent directly to the store has not been hashed before."""
        digest = hashlib.sha256()
        with self._storage.named(original.backend).open(original.path) as source:
            while chunk := source.read(COPY_BYTES):
                copy.write(chunk)
                digest.update(chunk)
                progress.touch()
        if original.sha256 and digest.hexdigest() != original.sha256:
            raise OriginalDiffers(original.path)
        copy.seek(0)

    def keep(
        self, original: Original, picture: Picture, progress: Progress
    ) -> tuple[list[Variant], StorageError | None]:
        """Store each rendition, continuing after a failure; returns rows not added to a session, and the last error."""
        rows: list[Variant] = []
        failure: StorageError | None = None
        for rendition in picture.renditions:
            progress.touch()
            try:
                rows.append(self._keep_one(original, rendition))
            except StorageFull as error:
                failure = StorageFull(NO_SPACE, error.key)
            except StorageError as error:
                failure = error
        return rows, failure

    def _keep_one(self, original: Original, rendition: Rendition) -> Variant:
        stored = self._storage.upload_image_variant(
            rendition.stream,
            original.path,
            rendition.spec.name,
            rendition.mime,
            rendition.extension,
            backend=original.backend,
        )
        return Variant(
            file_id=original.file_id,
            name=rendition.spec.name,
            format=rendition.spec.format,
            path=stored.key,
            width=rendition.width,
            height=rendition.height,
            size=rendition.size,
            sha256=digest_of(rendition.stream),
        )

    def discard(self, original: Original, rows: list[Variant]) -> None:
        """Delete the objects of rows that were not recorded because their file was deleted.

        Objects recorded by an earlier run are kept, since the file may be restored.
        """
        kept = recorded_paths(original.file_id)
        for path in {row.path for row in rows} - kept:
            try:
                self._storage.named(original.backend).delete(path)
            except StorageError as error:
                logger.warning("left behind file=%s key=%s: %s", original.uuid, path, error.message)


def digest_of(stream: BinaryIO) -> str:
    """Return the SHA-256 of an entire seekable stream, in hexadecimal."""
    stream.seek(0)
    digest = hashlib.sha256()
    while chunk := stream.read(COPY_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def disk_error(error: OSError) -> StorageUnavailable:
    """Translate an error of the local disk into StorageFull or StorageUnavailable."""
    if is_full(error):
        return StorageFull(NO_SPACE)
    return StorageUnavailable(f"The server could not work on this photo: {error.strerror or 'input/output error'}.")


def recorded_paths(file_id: int) -> set[str | None]:
    """Return the keys of all recorded renditions of a file; includes None for an empty path column."""
    recorded = select(Variant.path).where(Variant.file_id == file_id)
    older = select(File.thumb_path, File.medium_path, File.thumbnail_path).where(File.id == file_id)
    with reading() as session:
        paths = session.scalars(recorded).all()
        return {*paths, *(path for row in session.execute(older) for path in row)}


def record(session: Session, rows: list[Variant]) -> None:
    """Add rows, replacing older rows of the same file and name."""
    for row in rows:
        session.execute(delete(Variant).where(Variant.file_id == row.file_id, Variant.name == row.name))
    session.add_all(rows)


def forget(file_id: int, name: str) -> None:
    """Delete the row and path of a variant, so that it is made again."""
    with transaction() as session:
        lock_files(session, [file_id])
        _forget(session, file_id, name)


def forget_lost(file_id: int, name: str, made_at: datetime | None) -> None:
    """Delete the row and path of a variant whose object is missing or damaged, unless it has been made again since.

    `made_at` is the creation time of the row that was read, or None if there was only a path column.
    """
    known = select(Variant.created_at).where(Variant.file_id == file_id, Variant.name == name)
    with transaction() as session:
        lock_files(session, [file_id])
        if session.scalar(known) == made_at:
            _forget(session, file_id, name)


def lock_files(session: Session, file_ids: Sequence[int]) -> None:
    """Lock file rows, by ascending id, before their variants are deleted: settling a claim locks in the same order.

    PostgreSQL aborts one of two transactions that lock the same rows in different orders.
    """
    session.execute(select(File.id).where(File.id.in_(file_ids)).order_by(File.id).with_for_update())


def _forget(session: Session, file_id: int, name: str) -> None:
    session.execute(delete(Variant).where(Variant.file_id == file_id, Variant.name == name))
    if name in PATH_COLUMNS:
        session.execute(update(File).where(File.id == file_id).values({PATH_COLUMNS[name]: None}))
