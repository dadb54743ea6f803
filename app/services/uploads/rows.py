"""The rows of uploads that take more than one request, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, select, update

from app.errors import NotFound
from app.integrations.base import StoredPart
from app.models import Collection, Upload, db, utc_now
from app.services import lookup
from app.services.transactions import changed, reading, transaction
from app.services.uploads.receipt import Accepted

TOUCH_EVERY = timedelta(minutes=1)
CHUNKS, PARTS = "chunks", "parts"  # the modes of an upload


@dataclass(frozen=True)
class Announced:
    """A file that somebody is about to send: its name, its length in bytes, its SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class UploadRecord:
    """The row of an upload as a value, detached from any session."""

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

    @property
    def mode(self) -> str:
        """How its bytes are sent: in `parts` straight to the store, or in `chunks` through the app."""
        return CHUNKS if self.multipart_id is None else PARTS


@dataclass(frozen=True)
class UploadProgress:
    """The progress of an upload: its mode, the bytes received, and the bytes that a request should carry."""

    uuid: str
    mode: str
    size: int
    received: int
    part_size: int
    parts: tuple[StoredPart, ...] = ()


@dataclass(frozen=True)
class Begun:
    """An upload that may be sent, `fresh` if nobody began it before; or the file that the collection has already."""

    standing: UploadProgress | None = None
    fresh: bool = False
    duplicate: Accepted | None = None


def by_uuid(uuid: str) -> Upload:
    """The upload; raises NotFound if there is none, or its collection was deleted."""
    live = select(Upload).join(Upload.collection).where(Upload.uuid == uuid, lookup.is_live(Collection))
    upload = db.session.scalar(live)
    if upload is None:
        raise NotFound("This upload was cancelled, completed, or left alone for too long. Begin it again.")
    return upload


def added(row: Upload, collection_id: int) -> UploadRecord:
    """The row, committed; raises NotFound if the collection was deleted, IntegrityError if there is one already."""
    with transaction() as session:
        lookup.require_live(session, collection_id)
        session.add(row)
        session.flush()
        return facts_of(row)


def one(*conditions: ColumnElement[bool]) -> UploadRecord | None:
    """The upload that meets the conditions, if there is one."""
    query = select(Upload).where(*conditions)
    with reading() as session:
        row = session.scalar(query)
        return facts_of(row) if row else None


def some(*conditions: ColumnElement[bool], limit: int) -> list[UploadRecord]:
    """Uploads that meet the conditions, those longest untouched first."""
    query = select(Upload).where(*conditions).order_by(Upload.touched_at).limit(limit)
    with reading() as session:
        return [facts_of(row) for row in session.scalars(query)]


def facts_of(row: Upload) -> UploadRecord:
    """What there is to know of an upload, to be used when the session has ended."""
    return UploadRecord(
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


def forget(upload_id: int) -> None:
    """Remove the row."""
    with transaction() as session:
        changed(session, delete(Upload).where(Upload.id == upload_id))


def touch(upload_id: int) -> None:
    """Keep the sweep away for as long as somebody sends."""
    now = utc_now()
    stale = update(Upload).where(Upload.id == upload_id, Upload.touched_at < now - TOUCH_EVERY)
    with transaction() as session:
        changed(session, stale.values(touched_at=now))
