"""Uploads in one request: each file is spooled, verified and stored; then a limited wait for variants."""

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
        """Store every acceptable file, one after another, each in a separate transaction; report the others.

        Then waits up to VARIANT_WAIT_SECONDS for the variants of the stored files.
        """
        end_reading()
        kept: list[SavedFile] = []
        refused: list[Refused] = []
        for file in with_display_names(incoming):
            try:
                kept.append(self._take(collection_id, collection_uuid, file))
            except (UploadRefused, StorageError, DatabaseBusy) as error:
                level = logging.ERROR if error.code == NO_SPACE else logging.WARNING
                logger.log(level, "upload refused name=%r code=%s: %s", file.name, error.code, error.message)
                refused.append(Refused(file.name, error.code, public_message(error)))
        if not kept and not refused:
            refused.append(Refused("", "no_files", "No file arrived. Choose at least one."))
        return UploadReport(tuple(self._originals.receipts(kept)), tuple(refused))

    def _take(self, collection_id: int, collection_uuid: str, file: IncomingFile) -> SavedFile:
        with Spool(self._spool_folder, self._limits) as spool:
            spool.receive(file.chunks)
            if file.sha256 and file.sha256 != spool.sha256:
                raise DigestMismatch
            return self._originals.keep(collection_id, collection_uuid, file.name, spool)


def with_display_names(incoming: Iterable[IncomingFile]) -> Iterator[IncomingFile]:
    """Yield the files with display names; a body cut off between two files yields a last file that fails to read."""
    try:
        for file in incoming:
            yield replace(file, name=display_name(file.name))
    except UploadCutShort as error:
        yield IncomingFile("the rest of this upload", _BrokenStream(error))


class _BrokenStream:
    """The bytes of a file that did not arrive; iteration raises the error."""

    def __init__(self, error: UploadCutShort) -> None:
        self._error = error

    def __iter__(self) -> Iterator[bytes]:
        raise self._error


def public_message(error: AppError) -> str:
    """Return the message for the uploader; one for a storage error says that the file was not saved."""
    if error.code == NO_SPACE:
        return DISK_FULL
    if isinstance(error, StorageError):
        return "The photo store did not take this file, so it is not saved. Please try again in a moment."
    return error.message
