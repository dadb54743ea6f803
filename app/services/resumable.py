"""Big files in pieces: announced, taken up again after any break, completed into originals."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError

from app.errors import (
    AppError,
    DigestMismatch,
    FileEmpty,
    FileTooLarge,
    NotFound,
    StorageCorrupt,
    StorageError,
    StorageUnavailable,
    UploadIncomplete,
)
from app.jobs.queue import Queue
from app.models import Collection, Upload, db, new_uuid, utc_now
from app.services import collection_service, upload_check
from app.services.incoming_names import display_name
from app.services.originals import Kept, OriginalService
from app.services.partial import SUFFIX, PartialFile
from app.services.storage_service import StorageService
from app.services.transactions import changed, reading, transaction
from app.services.upload_report import DUPLICATE, Accepted, UploadReport

logger = logging.getLogger(__name__)

CHUNK_BYTES = 8 * 1024 * 1024  # what a sender should put into one request: proxies commonly take 10 MB or more
TOUCH_EVERY = timedelta(minutes=1)
NOT_TAKEN = "The photo store did not take this file yet. All you sent is kept; try again in a moment."


@dataclass(frozen=True)
class Announced:
    """A file that somebody is about to send: its name, its length in bytes, its SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Facts:
    """The row of an upload, free of any session."""

    id: int
    uuid: str
    collection_id: int
    collection_uuid: str
    name: str
    size: int
    sha256: str
    backend: str
    path: str
    multipart_id: str | None
    part_size: int | None


@dataclass(frozen=True)
class StoredPart:
    """A part that the store has: its number, counted from 1, and its length in bytes."""

    number: int
    size: int


@dataclass(frozen=True)
class Standing:
    """Where an upload stands: how it is sent, how many bytes are here, and how many a request should carry."""

    uuid: str
    mode: str
    size: int
    received: int
    part_size: int
    parts: tuple[StoredPart, ...] = ()


@dataclass(frozen=True)
class Begun:
    """An upload that may be sent, `fresh` if nobody began it before; or the file that the collection has already."""

    standing: Standing | None = None
    fresh: bool = False
    duplicate: Accepted | None = None


def by_uuid(uuid: str) -> Upload:
    """The upload; raises NotFound if there is none, or its collection was deleted."""
    live = select(Upload).join(Upload.collection).where(Upload.uuid == uuid, Collection.deleted_at.is_(None))
    upload = db.session.scalar(live)
    if upload is None:
        raise NotFound("This upload was cancelled, completed, or left alone for too long. Begin it again.")
    return upload


class ResumableService:
    """Receives big files in pieces; must be used inside an app context."""

    def __init__(self, queue: Queue | None = None, storage: StorageService | None = None) -> None:
        self._storage = storage or StorageService()
        self._originals = OriginalService(queue, self._storage)
        self._spool_folder = Path(current_app.config["SPOOL_PATH"])
        self._limit_mb = int(current_app.config["MAX_UPLOAD_MB"])

    def begin(self, collection_id: int, user_id: int, announced: Announced) -> Begun:
        """An upload for this file, the same one for the same sender and digest; or the file, if it is here already.

        Raises UploadRefused for a file that would not be taken, and NotFound if the collection was deleted.
        """
        self._require_acceptable(announced)
        present = upload_check.check(collection_id, [announced.sha256]).present
        if present:
            return Begun(duplicate=replace(present[0], status=DUPLICATE))
        earlier = self._earlier(collection_id, user_id, announced)
        if earlier is not None:
            self._touch(earlier.id)
            return Begun(self._standing(earlier))
        return self._begun(collection_id, user_id, announced)

    def standing(self, upload_id: int) -> Standing:
        """Where an upload stands; raises NotFound."""
        return self._standing(self._facts(upload_id))

    def receive(self, upload_id: int, offset: int, chunks: Iterable[bytes]) -> int:
        """Take bytes from the offset on, and return how many are here then; what arrived before an error is kept.

        Raises NotFound, WrongOffset, FileTooLarge, SpoolFull, and whatever reading the chunks raises.
        """
        facts = self._facts(upload_id)
        self._touch(upload_id)
        return self._partial(facts).receive(offset, facts.size, chunks)

    def complete(self, upload_id: int) -> UploadReport:
        """Make an original of an upload that is here whole, and wait a little for its variants.

        Raises UploadIncomplete; StorageError or DatabaseBusy, after which it can be completed again; UploadRefused,
        where only a new start helps.
        """
        facts = self._facts(upload_id)
        kept = self._finished(facts)
        self._tidied(facts)
        return UploadReport(tuple(self._originals.waited_for([kept])), ())

    def cancel(self, upload_id: int) -> None:
        """Throw away what has arrived; raises NotFound, or StorageError if the store cannot be reached."""
        self.discard(self._facts(upload_id))

    def discard(self, facts: Facts) -> None:
        """Remove the bytes, then the row; raises StorageError, and the row stays for another try."""
        self._partial(facts).remove()
        _forget(facts.id)

    def _require_acceptable(self, announced: Announced) -> None:
        if announced.size <= 0:
            raise FileEmpty("This file is empty (0 bytes).")
        if announced.size > upload_check.limits().max_bytes:
            raise FileTooLarge(f"This file is larger than {self._limit_mb} MB, the limit on this server.")

    def _earlier(self, collection_id: int, user_id: int, announced: Announced) -> Facts | None:
        """What was begun before of the same file; what was announced with another length, or elsewhere, is dropped."""
        facts = _one(
            Upload.collection_id == collection_id, Upload.user_id == user_id, Upload.sha256 == announced.sha256
        )
        if facts is not None and (facts.size, facts.backend) != (announced.size, self._storage.backend):
            self.discard(facts)
            return None
        return facts

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
            storage_path=f"{uuid}{SUFFIX}",
        )
        try:
            facts = _added(row, collection_id)
        except IntegrityError:  # begun at the same moment from another browser
            return self.begin(collection_id, user_id, announced)
        return Begun(self._standing(facts), fresh=True)

    def _facts(self, upload_id: int) -> Facts:
        facts = _one(Upload.id == upload_id)
        if facts is None:
            raise NotFound
        return facts

    def _standing(self, facts: Facts) -> Standing:
        return Standing(facts.uuid, "chunks", facts.size, self._partial(facts).received, CHUNK_BYTES)

    def _partial(self, facts: Facts) -> PartialFile:
        return PartialFile(self._spool_folder, facts.uuid)

    def _finished(self, facts: Facts) -> Kept:
        partial = self._partial(facts)
        if missing := facts.size - partial.received:
            raise UploadIncomplete(missing)
        with partial.whole(facts.sha256) as whole:
            try:
                return self._originals.keep(facts.collection_id, facts.collection_uuid, facts.name, whole)
            except StorageCorrupt:
                if not whole.is_another:
                    raise
            except StorageError as error:
                raise StorageUnavailable(NOT_TAKEN) from error
        self.discard(facts)
        raise DigestMismatch

    def _tidied(self, facts: Facts) -> None:
        """Remove what is not needed any more; a promise that was made stands even if that fails."""
        try:
            self.discard(facts)
        except (AppError, OSError) as error:
            logger.warning("left behind upload=%s: %s", facts.uuid, error)

    @staticmethod
    def _touch(upload_id: int) -> None:
        """Keep the sweep away for as long as somebody sends."""
        now = utc_now()
        stale = update(Upload).where(Upload.id == upload_id, Upload.touched_at < now - TOUCH_EVERY)
        with transaction() as session:
            changed(session, stale.values(touched_at=now))


def _added(row: Upload, collection_id: int) -> Facts:
    with transaction() as session:
        collection_service.require_live(session, collection_id)
        session.add(row)
        session.flush()
        return facts_of(row)


def _one(*conditions: ColumnElement[bool]) -> Facts | None:
    query = select(Upload).where(*conditions)
    with reading() as session:
        row = session.scalar(query)
        return facts_of(row) if row else None


def facts_of(row: Upload) -> Facts:
    """What there is to know of an upload, to be used when the session has ended."""
    return Facts(
        row.id,
        row.uuid,
        row.collection_id,
        row.collection.uuid,
        row.name,
        row.size,
        row.sha256,
        row.storage_backend,
        row.storage_path,
        row.multipart_id,
        row.part_size,
    )


def _forget(upload_id: int) -> None:
    with transaction() as session:
        changed(session, delete(Upload).where(Upload.id == upload_id))
