"""Files are sent: each is spooled and verified, becomes an original, and its variants are waited for a little."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from flask import current_app

from app.errors import AppError, DatabaseBusy, DigestMismatch, StorageError, UploadCutShort, UploadRefused
from app.services.queue import Queue
from app.services.storage_service import StorageService
from app.services.transactions import end_reading
from app.services.uploads.limits import DISK_FULL, limits
from app.services.uploads.names import display_name
from app.services.uploads.originals import OriginalService
from app.services.uploads.receipt import NO_SPACE, IncomingFile, Refused, SavedFile, UploadReport
from app.services.uploads.spool import Spool

logger = logging.getLogger(__name__)


class UploadService:
    """Receives files into a collection; must be used inside an app context."""

    def __init__(self, queue: Queue | None = None, storage: StorageService | None = None) -> None:
        self._originals = OriginalService(queue, storage)
        self._spool_folder = Path(current_app.config["SPOOL_PATH"])
        self._limits = limits()

    def receive(self, collection_id: int, collection_uuid: str, incoming: Iterable[IncomingFile]) -> UploadReport:
        """Take every file that can be taken, one after the other, each in a transaction of its own.

        Waits VARIANT_WAIT_SECONDS at the longest for the variants of what it took.
        """
        end_reading()
        kept: list[SavedFile] = []
        refused: list[Refused] = []
        for file in named(incoming):
            try:
                kept.append(self._take(collection_id, collection_uuid, file))
            except (UploadRefused, StorageError, DatabaseBusy) as error:
                level = logging.ERROR if error.code == NO_SPACE else logging.WARNING
                logger.log(level, "upload refused name=%r code=%s: %s", file.name, error.code, error.message)
                refused.append(Refused(file.name, error.code, people_words(error)))
        if not kept and not refused:
            refused.append(Refused("", "no_files", "No file arrived. Choose at least one."))
        return UploadReport(tuple(self._originals.waited_for(kept)), tuple(refused))

    def _take(self, collection_id: int, collection_uuid: str, file: IncomingFile) -> SavedFile:
        with Spool(self._spool_folder, self._limits) as spool:
            spool.receive(file.chunks)
            if file.sha256 and file.sha256 != spool.sha256:
                raise DigestMismatch
            return self._originals.keep(collection_id, collection_uuid, file.name, spool)


def named(incoming: Iterable[IncomingFile]) -> Iterator[IncomingFile]:
    """The files under names fit to show; a body that ends between two files becomes a nameless file that fails."""
    try:
        for file in incoming:
            yield replace(file, name=display_name(file.name))
    except UploadCutShort as error:
        yield IncomingFile("the rest of this upload", _Broken(error))


class _Broken:
    """The bytes of a file that never came."""

    def __init__(self, error: UploadCutShort) -> None:
        self._error = error

    def __iter__(self) -> Iterator[bytes]:
        raise self._error


def people_words(error: AppError) -> str:
    """What the uploader is told of an error; a store's fault says that nothing was kept."""
    if error.code == NO_SPACE:
        return DISK_FULL
    if isinstance(error, StorageError):
        return "The photo store did not take this file, so it is not saved. Please try again in a moment."
    return error.message
