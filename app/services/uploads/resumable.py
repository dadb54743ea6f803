"""Big files in pieces: announced, taken up again after any break, completed into originals."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from flask import current_app
from sqlalchemy.exc import IntegrityError

from app.errors import (
    AppError,
    Conflict,
    DigestMismatch,
    FileEmpty,
    FileTooLarge,
    NotFound,
    StorageCorrupt,
    StorageError,
    StorageFull,
    StorageUnavailable,
    UploadIncomplete,
)
from app.jobs.queue import Queue
from app.models import Upload, new_uuid
from app.services import lookup
from app.services.storage_service import StorageService
from app.services.uploads import check, limits, rows
from app.services.uploads.chunks import SUFFIX, PartialFile
from app.services.uploads.names import display_name
from app.services.uploads.originals import OriginalService
from app.services.uploads.parts import DirectParts
from app.services.uploads.receipt import DUPLICATE, SavedFile, UploadReport
from app.services.uploads.rows import Announced, Begun, UploadProgress, UploadRecord

logger = logging.getLogger(__name__)

CHUNK_BYTES = 8 * 1024 * 1024  # what a sender should put into one request: proxies commonly take 10 MB or more
NO_SPACE = (
    "The server's disk is full, so this file is not saved yet. All you sent is kept: tell the administrator, and "
    "resume once there is space."
)
NOT_TAKEN = "The photo store did not take this file yet. All you sent is kept; try again in a moment."


class ResumableService:
    """Receives big files in pieces; must be used inside an app context."""

    def __init__(self, queue: Queue | None = None, storage: StorageService | None = None) -> None:
        self._storage = storage or StorageService()
        self._originals = OriginalService(queue, self._storage)
        self._direct = DirectParts(self._storage, self._originals)
        self._spool_folder = Path(current_app.config["SPOOL_PATH"])
        self._limit_mb = int(current_app.config["MAX_UPLOAD_MB"])

    def begin(self, collection_id: int, user_id: int, announced: Announced) -> Begun:
        """An upload for this file, the same one for the same sender and digest; or the file, if it is here already.

        Raises UploadRefused for a file that would not be taken, and NotFound if the collection was deleted.
        """
        self._require_acceptable(announced)
        present = check.check(collection_id, [announced.sha256]).present
        if present:
            return Begun(duplicate=replace(present[0], status=DUPLICATE))
        earlier = self._earlier(collection_id, user_id, announced)
        if earlier is not None:
            rows.touch(earlier.id)
            return Begun(self._standing(earlier))
        return self._begun(collection_id, user_id, announced)

    def standing(self, upload_id: int) -> UploadProgress:
        """Where an upload stands; raises NotFound."""
        return self._standing(self._facts(upload_id))

    def receive(self, upload_id: int, offset: int, chunks: Iterable[bytes]) -> int:
        """Take bytes from the offset on, and return how many are here then; what arrived before an error is kept.

        Raises NotFound, WrongOffset, FileTooLarge, SpoolFull, and whatever reading the chunks raises.
        """
        facts = self._facts(upload_id)
        if facts.is_direct:
            raise Conflict("This upload goes to the store directly. Ask for the addresses of its parts.")
        rows.touch(upload_id)
        return self._partial(facts).receive(offset, facts.size, chunks)

    def part_urls(self, upload_id: int, md5s: Mapping[int, str]) -> dict[int, str]:
        """Where to PUT parts, by number, given their MD5s in base64, which the store holds the sender to.

        Raises NotFound, Conflict for an upload that goes through the app, Invalid for what is no part of it.
        """
        facts = self._facts(upload_id)
        rows.touch(upload_id)
        return self._direct.urls(facts, md5s)

    def complete(self, upload_id: int, md5s: Mapping[int, str] | None = None) -> UploadReport:
        """Make an original of an upload that is here whole, and wait a little for its variants.

        Parts in the store that are not of the MD5s that the sender names, in base64, count as missing.
        Raises UploadIncomplete; StorageError or DatabaseBusy, after which it can be completed again; UploadRefused,
        where only a new start helps.
        """
        facts = self._facts(upload_id)
        kept = self._direct.finish(facts, md5s or {}) if facts.is_direct else self._finished(facts)
        self._tidied(facts)
        return UploadReport(tuple(self._originals.waited_for([kept])), ())

    def cancel(self, upload_id: int) -> None:
        """Throw away what has arrived; raises NotFound, or StorageError if the store cannot be reached."""
        self.discard(self._facts(upload_id))

    def discard(self, facts: UploadRecord) -> None:
        """Remove the bytes, then the row; raises StorageError, and the row stays for another try."""
        if facts.is_direct:
            self._direct.discard(facts)
        self._partial(facts).remove()
        rows.forget(facts.id)

    def _require_acceptable(self, announced: Announced) -> None:
        if announced.size <= 0:
            raise FileEmpty("This file is empty (0 bytes).")
        if announced.size > limits.limits().max_bytes:
            raise FileTooLarge(f"This file is larger than {self._limit_mb} MB, the limit on this server.")

    def _earlier(self, collection_id: int, user_id: int, announced: Announced) -> UploadRecord | None:
        """What was begun before of the same file; what was announced with another length, or elsewhere, is dropped."""
        facts = rows.one(
            Upload.collection_id == collection_id, Upload.user_id == user_id, Upload.sha256 == announced.sha256
        )
        if facts is not None and (facts.size, facts.backend) != (announced.size, self._storage.backend):
            self.discard(facts)
            return None
        if facts is not None and self._is_lost(facts):
            self.discard(facts)
            return None
        return facts

    def _is_lost(self, facts: UploadRecord) -> bool:
        """Whether the store has thrown the parts away, as buckets are often told to after a week."""
        if not facts.is_direct:
            return False
        try:
            self._direct.standing(facts)
        except UploadIncomplete:
            return True
        return False

    def _begun(self, collection_id: int, user_id: int, announced: Announced) -> Begun:
        uuid = new_uuid()
        row = Upload(
            uuid=uuid,
            collection_id=collection_id,
            user_id=user_id,
            name=display_name(announced.name),
            size=announced.size,
            sha256=announced.sha256,
            storage_backend=self._storage.backend,
            **({"storage_path": f"{uuid}{SUFFIX}"} | self._way(collection_id, uuid, announced)),
        )
        try:
            facts = rows.added(row, collection_id)
        except IntegrityError:  # begun at the same moment from another browser; parts begun here are swept as leftovers
            return self.begin(collection_id, user_id, announced)
        return Begun(self._standing(facts), fresh=True)

    def _way(self, collection_id: int, uuid: str, announced: Announced) -> dict[str, object]:
        """What the row keeps of a direct way to the store; nothing for a file whose lost original is to be restored."""
        if self._originals.knows(collection_id, announced.sha256):
            return {}
        return self._direct.begin(lookup.uuid_of(collection_id), uuid, display_name(announced.name))

    def _facts(self, upload_id: int) -> UploadRecord:
        facts = rows.one(Upload.id == upload_id)
        if facts is None:
            raise NotFound
        return facts

    def _standing(self, facts: UploadRecord) -> UploadProgress:
        if facts.is_direct:
            parts = self._direct.standing(facts)
            received = sum(part.size for part in parts)
            return UploadProgress(facts.uuid, "parts", facts.size, received, facts.part_size or facts.size, parts)
        return UploadProgress(facts.uuid, "chunks", facts.size, self._partial(facts).received, CHUNK_BYTES)

    def _partial(self, facts: UploadRecord) -> PartialFile:
        return PartialFile(self._spool_folder, facts.uuid)

    def _finished(self, facts: UploadRecord) -> SavedFile:
        partial = self._partial(facts)
        if missing := facts.size - partial.received:
            raise UploadIncomplete(missing)
        with partial.whole(facts.sha256) as whole:
            try:
                return self._originals.keep(facts.collection_id, facts.collection_uuid, facts.name, whole)
            except StorageCorrupt:
                if not whole.is_another:
                    raise
            except StorageFull as error:
                raise StorageFull(NO_SPACE) from error
            except StorageError as error:
                raise StorageUnavailable(NOT_TAKEN) from error
        self.discard(facts)
        raise DigestMismatch

    def _tidied(self, facts: UploadRecord) -> None:
        """Remove what is not needed any more; a promise that was made stands even if that fails."""
        try:
            self.discard(facts)
        except (AppError, OSError) as error:
            logger.warning("left behind upload=%s: %s", facts.uuid, error)
