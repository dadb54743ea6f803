"""Originals come in: spooled, verified, told apart, committed, and handed over for their variants."""

from __future__ import annotations

import logging
import mimetypes
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.errors import AppError, DatabaseBusy, NotFound, ObjectMissing, StorageError, UploadCutShort, UploadRefused
from app.imaging import formats
from app.integrations.base import FileStorage
from app.jobs.queue import Queue
from app.models import File, ProcessingStatus, db, new_uuid
from app.services import collection_service, processing
from app.services.spool import Spool
from app.services.storage_service import StorageService, original_key
from app.services.transactions import reading, transaction

logger = logging.getLogger(__name__)

NAME_LENGTH = 255
DUPLICATE = "duplicate"


@dataclass(frozen=True)
class IncomingFile:
    """A file as it arrives: the sender's name for it, and its bytes, read once."""

    name: str
    chunks: Iterable[bytes]


@dataclass(frozen=True)
class Accepted:
    """A file that is safe; `status` is its processing status, or 'duplicate' if the collection had it already."""

    uuid: str
    name: str
    size: int
    sha256: str
    status: str


@dataclass(frozen=True)
class Refused:
    """A file that was not taken, and why."""

    name: str
    code: str
    message: str


@dataclass(frozen=True)
class UploadReport:
    """What became of every file of one upload."""

    files: tuple[Accepted, ...]
    errors: tuple[Refused, ...]


class UploadService:
    """Receives files into a collection; must be used inside an app context."""

    def __init__(self, queue: Queue | None = None, storage: StorageService | None = None) -> None:
        self._queue: Queue = queue or current_app.extensions["proofsheet.queue"]
        self._storage = storage or StorageService()
        self._spool_folder = Path(current_app.config["SPOOL_PATH"])
        self._limit_mb = int(current_app.config["MAX_UPLOAD_MB"])

    def receive(self, collection_id: int, collection_uuid: str, incoming: Iterable[IncomingFile]) -> UploadReport:
        """Take every file that can be taken, one after the other, each in a transaction of its own.

        Waits VARIANT_WAIT_SECONDS at the longest for the variants of what it took.
        """
        db.session.rollback()  # no transaction is open while bytes move
        accepted: list[tuple[int, Accepted]] = []
        refused: list[Refused] = []
        for file in named(incoming):
            try:
                accepted.append(self._take(collection_id, collection_uuid, file.name, file.chunks))
            except (UploadRefused, StorageError, DatabaseBusy) as error:
                logger.warning("upload refused name=%r code=%s: %s", file.name, error.code, error.message)
                refused.append(Refused(file.name, error.code, people_words(error)))
        if not accepted and not refused:
            refused.append(Refused("", "no_files", "No file arrived. Choose at least one."))
        return UploadReport(tuple(self._waited_for(accepted)), tuple(refused))

    def _take(
        self, collection_id: int, collection_uuid: str, name: str, chunks: Iterable[bytes]
    ) -> tuple[int, Accepted]:
        with Spool(self._spool_folder, self._limit_mb) as spool:
            spool.receive(chunks)
            known = self._find(collection_id, spool.sha256)
            if known is not None and self._is_kept(known[0], spool):
                return known
            record = self._record(collection_id, collection_uuid, name, spool)
            self._storage.upload_file(_bytes(spool), record.storage_path, record.mime_type, sha256=spool.sha256)
            return self._commit(record)

    def _find(self, collection_id: int, sha256: str) -> tuple[int, Accepted] | None:
        query = select(File).where(
            File.collection_id == collection_id, File.sha256 == sha256, File.deleted_at.is_(None)
        )
        with reading() as session:
            file = session.scalar(query)
            return (file.id, accepted_as(file, DUPLICATE)) if file else None

    def _is_kept(self, file_id: int, spool: Spool) -> bool:
        """Whether a known file is there with its original; False if it was deleted since it was found."""
        file = db.session.get(File, file_id)
        if file is None or file.deleted_at is not None:
            db.session.rollback()
            return False
        path, mime_type, failed = file.storage_path, file.mime_type, file.processing_status == ProcessingStatus.FAILED
        storage = self._storage.named(file.storage_backend)
        db.session.rollback()
        if _is_whole(storage, path, spool.size):
            return True
        logger.warning("original lost, restored from an upload file=%d key=%s", file_id, path)
        storage.delete(path)
        storage.put(path, _bytes(spool), mime_type, sha256=spool.sha256)
        kept = self._still_there(file_id, storage, path)
        if kept and failed and processing.restart(file_id):
            self.hand_over(file_id)
        return kept

    @staticmethod
    def _still_there(file_id: int, storage: FileStorage, path: str) -> bool:
        """Whether the file was not deleted while its original was put back; none of a purged one may be left."""
        row = db.session.execute(select(File.deleted_at, File.purging_at).where(File.id == file_id)).one_or_none()
        db.session.rollback()
        if row is None or row.purging_at is not None:
            storage.delete(path)
        return row is not None and row.deleted_at is None

    def _record(self, collection_id: int, collection_uuid: str, name: str, spool: Spool) -> File:
        uuid = new_uuid()
        mime_type, extension = kind_of(spool.head, name)
        filename = f"{uuid}{extension}"
        is_image = mime_type.startswith("image/")
        return File(
            uuid=uuid,
            filename=filename,
            original_filename=name,
            mime_type=mime_type,
            size=spool.size,
            storage_path=original_key(collection_uuid, filename),
            storage_backend=self._storage.backend,
            upload_complete=True,
            collection_id=collection_id,
            sha256=spool.sha256,
            crc32=spool.crc32,
            processing_status=ProcessingStatus.PENDING if is_image else ProcessingStatus.COMPLETED,
        )

    def _commit(self, record: File) -> tuple[int, Accepted]:
        """Make the promise; a twin that was committed meanwhile wins, and this copy's object goes."""
        collection_id, sha256, path = record.collection_id, record.sha256 or "", record.storage_path
        try:
            taken = self._promised(record)
        except IntegrityError:
            twin = self._find(collection_id, sha256)
            if twin is not None:
                self._drop(path)
                return twin
            taken = self._promised(record)  # the twin was deleted since
        except NotFound:
            self._drop(path)
            raise UploadRefused("This collection was deleted meanwhile, so nothing was saved.") from None
        if taken[1].status == ProcessingStatus.PENDING:
            self.hand_over(taken[0])
        return taken

    def _drop(self, path: str) -> None:
        """Remove an object that got no row; where that fails it is an orphan, which the uploader need not hear of."""
        try:
            self._storage.current.delete(path)
        except StorageError as error:
            logger.warning("left behind key=%s: %s", path, error.message)

    @staticmethod
    def _promised(record: File) -> tuple[int, Accepted]:
        with transaction() as session:
            collection_service.require_live(session, record.collection_id)
            session.add(record)
            session.flush()
            return record.id, accepted_as(record, record.processing_status)

    def hand_over(self, file_id: int) -> None:
        """Ask for the variants of a file that is committed."""
        self._queue.submit(file_id)

    def _waited_for(self, accepted: list[tuple[int, Accepted]]) -> Iterator[Accepted]:
        waiting = [file_id for file_id, file in accepted if file.status == ProcessingStatus.PENDING]
        self._queue.wait(waiting, current_app.config["VARIANT_WAIT_SECONDS"])
        now = self._statuses(waiting)
        for file_id, file in accepted:
            pending = file.status == ProcessingStatus.PENDING  # and not a duplicate of a file that was
            yield replace(file, status=now.get(file_id, file.status)) if pending else file

    @staticmethod
    def _statuses(file_ids: list[int]) -> dict[int, str]:
        """Where they stand now; nothing if the database cannot say, for that takes back no promise that was made."""
        query = select(File.id, File.processing_status).where(File.id.in_(file_ids))
        try:
            with reading() as session:
                return {file_id: str(status) for file_id, status in session.execute(query)}
        except DatabaseBusy as error:
            logger.warning("uploads are saved, but where they stand is not known: %s", error.__cause__)
            return {}


def _bytes(spool: Spool) -> BinaryIO:
    stream = cast(BinaryIO, spool.stream)
    stream.seek(0)
    return stream


def _is_whole(storage: FileStorage, key: str, size: int) -> bool:
    try:
        return storage.stat(key).size == size
    except ObjectMissing:
        return False


def named(incoming: Iterable[IncomingFile]) -> Iterator[IncomingFile]:
    """The files under names fit to show; a body that ends between two files becomes a nameless file that fails."""
    try:
        for file in incoming:
            yield IncomingFile(display_name(file.name), file.chunks)
    except UploadCutShort as error:
        yield IncomingFile("the rest of this upload", _Broken(error))


class _Broken:
    """The bytes of a file that never came."""

    def __init__(self, error: UploadCutShort) -> None:
        self._error = error

    def __iter__(self) -> Iterator[bytes]:
        raise self._error


def accepted_as(file: File, status: str) -> Accepted:
    """What the uploader is told of a row."""
    return Accepted(file.uuid, file.original_filename, file.size, file.sha256 or "", str(status))


def people_words(error: AppError) -> str:
    """What the uploader is told of an error; a store's fault says that nothing was kept."""
    if isinstance(error, StorageError):
        return "The photo store did not take this file, so it is not saved. Please try again in a moment."
    return error.message


def display_name(raw: str) -> str:
    """The sender's file name as text to show: no folders, no control characters, at most 255 characters."""
    last = raw.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cs", "Cf"))
    return shortened(printable.strip()) or "unnamed"


def shortened(name: str) -> str:
    """At most 255 characters, the extension kept."""
    suffix = PurePosixPath(name).suffix[:20]
    return name if len(name) <= NAME_LENGTH else name[: NAME_LENGTH - len(suffix)] + suffix


def kind_of(head: bytes, name: str) -> tuple[str, str]:
    """MIME type and extension: by content for pictures, by name for the rest.

    What is called a picture and is none counts as one: it then fails visibly instead of passing for a document.
    """
    image = picture_format(head, name)
    if image is not None:
        return image.mime, f".{image.extension}"
    guessed = mimetypes.guess_type(name, strict=False)[0] or ""
    neutral = not guessed or guessed.startswith("image/")
    return ("application/octet-stream" if neutral else guessed), safe_suffix(name)


def picture_format(head: bytes, name: str) -> formats.ImageFormat | None:
    """The format by content, else by name; most camera RAW is a TIFF that only its name tells from others."""
    by_content, by_name = formats.sniff(head), formats.by_filename(name)
    if by_content is formats.TIFF and by_name is not None and by_name.preview:
        return by_name
    return by_content or by_name


def safe_suffix(name: str) -> str:
    """The extension of a name in lower case, if it is one that any store and system takes; else ''."""
    suffix = PurePosixPath(name).suffix.lower()
    return suffix if suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) <= 12 else ""
