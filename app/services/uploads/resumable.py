"""Big files in pieces: announced, taken up again after any break, completed into originals."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from flask import current_app
from sqlalchemy.exc import IntegrityError

from app.errors import AppError, NotFound, UploadIncomplete
from app.models import Upload, new_uuid
from app.services.queue import Queue
from app.services.storage_service import StorageService
from app.services.uploads import check, limits, rows
from app.services.uploads.chunks import SpooledChunks
from app.services.uploads.names import display_name
from app.services.uploads.originals import OriginalService
from app.services.uploads.parts import DirectParts
from app.services.uploads.receipt import DUPLICATE, UploadReport
from app.services.uploads.rows import CHUNKS, PARTS, Announced, Begun, UploadProgress, UploadRecord
from app.services.uploads.transfer import Transfer

logger = logging.getLogger(__name__)


class ResumableService:
    """Receives big files in pieces; must be used inside an app context."""

    def __init__(self, queue: Queue | None = None, storage: StorageService | None = None) -> None:
        self._storage = storage or StorageService()
        self._originals = OriginalService(queue, self._storage)
        self._chunks = SpooledChunks(Path(current_app.config["SPOOL_PATH"]), self._originals)
        self._parts = DirectParts(self._storage, self._originals)

    def begin(self, collection_id: int, user_id: int, announced: Announced) -> Begun:
        """An upload for this file, the same one for the same sender and digest; or the file, if it is here already.

        Raises UploadRefused for a file that would not be taken, and NotFound if the collection was deleted.
        """
        limits.limits().require_fit(announced.size)
        present = check.check(collection_id, [announced.sha256]).present
        if present:
            return Begun(duplicate=replace(present[0], status=DUPLICATE))
        resumed = self._resumed(collection_id, user_id, announced)
        return Begun(resumed) if resumed else self._begun(collection_id, user_id, announced)

    def standing(self, upload_id: int) -> UploadProgress:
        """Return what has arrived of an upload; raises NotFound, or UploadIncomplete if it must be begun again."""
        facts = self._facts(upload_id)
        return self._transfer(facts).standing(facts)

    def receive(self, upload_id: int, offset: int, chunks: Iterable[bytes]) -> int:
        """Take bytes from the offset on, and return how many are here then; what arrived before an error is kept.

        Raises NotFound, Conflict, WrongOffset, FileTooLarge, SpoolFull, and whatever reading the chunks raises.
        """
        facts = self._facts(upload_id)
        rows.touch(upload_id)
        return self._chunks.receive(facts, offset, chunks)

    def part_urls(self, upload_id: int, md5s: Mapping[int, str]) -> dict[int, str]:
        """Where to PUT parts, by number, given their MD5s in base64, which the store holds the sender to.

        Raises NotFound, Conflict for an upload that goes through the app, Invalid for what is no part of it.
        """
        facts = self._facts(upload_id)
        rows.touch(upload_id)
        return self._parts.urls(facts, md5s)

    def complete(self, upload_id: int, md5s: Mapping[int, str] | None = None) -> UploadReport:
        """Make an original of an upload that is here whole, and wait a little for its variants.

        Parts in the store that are not of the MD5s that the sender names, in base64, count as missing.
        Raises UploadIncomplete; StorageError or DatabaseBusy, after which it can be completed again; UploadRefused,
        where only a new start helps.
        """
        facts = self._facts(upload_id)
        kept = self._transfer(facts).finish(facts, md5s or {})
        self._tidied(facts)
        return UploadReport(tuple(self._originals.waited_for([kept])), ())

    def cancel(self, upload_id: int) -> None:
        """Throw away what has arrived; raises NotFound, or StorageError if the store cannot be reached."""
        self.discard(self._facts(upload_id))

    def discard(self, facts: UploadRecord) -> None:
        """Remove the bytes, then the row; raises StorageError, and the row stays for another try."""
        self._transfer(facts).discard(facts)

    def _resumed(self, collection_id: int, user_id: int, announced: Announced) -> UploadProgress | None:
        """Return the progress of an earlier upload of the same file.

        One that was announced with another size or for another store, or that the store has dropped, is discarded.
        """
        facts = rows.one(
            Upload.collection_id == collection_id, Upload.user_id == user_id, Upload.sha256 == announced.sha256
        )
        if facts is None:
            return None
        if (facts.size, facts.backend) == (announced.size, self._storage.backend):
            with suppress(UploadIncomplete):  # buckets are often told to drop parts after a week
                standing = self._transfer(facts).standing(facts)
                rows.touch(facts.id)
                return standing
        self.discard(facts)
        return None

    def _begun(self, collection_id: int, user_id: int, announced: Announced) -> Begun:
        uuid, name = new_uuid(), display_name(announced.name)
        transfer = self._transfer_for(collection_id, announced)
        row = Upload(
            uuid=uuid,
            collection_id=collection_id,
            user_id=user_id,
            name=name,
            size=announced.size,
            sha256=announced.sha256,
            storage_backend=self._storage.backend,
            **asdict(transfer.begin(collection_id, uuid, name)),
        )
        try:
            facts = rows.added(row, collection_id)
        except IntegrityError:  # begun at the same moment from another browser; parts begun here are swept as leftovers
            return self.begin(collection_id, user_id, announced)
        return Begun(transfer.standing(facts), fresh=True)

    def _transfer_for(self, collection_id: int, announced: Announced) -> Transfer:
        """Choose parts if the store takes them, but chunks to restore a file whose original is lost."""
        if self._parts.are_taken and not self._originals.knows(collection_id, announced.sha256):
            return self._parts
        return self._chunks

    def _transfer(self, facts: UploadRecord) -> Transfer:
        transfers: dict[str, Transfer] = {CHUNKS: self._chunks, PARTS: self._parts}
        return transfers[facts.mode]

    def _facts(self, upload_id: int) -> UploadRecord:
        facts = rows.one(Upload.id == upload_id)
        if facts is None:
            raise NotFound
        return facts

    def _tidied(self, facts: UploadRecord) -> None:
        """Remove what is not needed any more; a promise that was made stands even if that fails."""
        try:
            self.discard(facts)
        except (AppError, OSError) as error:
            logger.warning("left behind upload=%s: %s", facts.uuid, error)
