"""Rows of resumable uploads, and their frozen values."""

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
    """A file announced by a sender: its name, its size in bytes, its SHA-256 in hexadecimal."""

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
        """How bytes are sent: `parts` directly to the store, or `chunks` through the app."""
        return CHUNKS if self.multipart_id is None else PARTS


@dataclass(frozen=True)
class UploadProgress:
    """The progress of an upload: its mode, the bytes received, and the bytes to send per request."""

    uuid: str
    mode: str
    size: int
    received: int
    part_size: int
    parts: tuple[StoredPart, ...] = ()


@dataclass(frozen=True)
class Begun:
    """The result of beginning an upload: its progress, `fresh` if it is new; or the duplicate in the collection."""

    progress: UploadProgress | None = None
    fresh: bool = False
    duplicate: Accepted | None = None


def by_uuid(uuid: str) -> Upload:
    """Return the upload; raises NotFound if it does not exist or its collection was deleted."""
    live = select(Upload).join(Upload.collection).where(Upload.uuid == uuid, lookup.is_live(Collection))
    upload = db.session.scalar(live)
    if upload is None:
        raise NotFound("This upload was cancelled, completed or has expired. Begin it again.")
    return upload


def insert(row: Upload, collection_id: int) -> UploadRecord:
    """Commit the row; raises NotFound if the collection was deleted, IntegrityError if the upload already exists."""
    with transaction() as session:
        lookup.require_live(session, collection_id)
        session.add(row)
        session.flush()
        return record_of(row)


def find(*conditions: ColumnElement[bool]) -> UploadRecord | None:
    """Return the upload that meets the conditions, or None."""
    query = select(Upload).where(*conditions)
    with reading() as session:
        row = session.scalar(query)
        return record_of(row) if row else None


def find_oldest(*conditions: ColumnElement[bool], limit: int) -> list[UploadRecord]:
    """Return up to `limit` uploads that meet the conditions, the least recently touched first."""
    query = select(Upload).where(*conditions).order_by(Upload.touched_at).limit(limit)
    with reading() as session:
        return [record_of(row) for row in session.scalars(query)]


def record_of(row: Upload) -> UploadRecord:
    """Return the values of a row, usable after its session has ended."""
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


def delete_row(upload_id: int) -> None:
    """Delete the row of an upload."""
    with transaction() as session:
        changed(session, delete(Upload).where(Upload.id == upload_id))


def touch(upload_id: int) -> None:
    """Update `touched_at`, at most once a minute, so that the sweep keeps the upload."""
    now = utc_now()
    stale = update(Upload).where(Upload.id == upload_id, Upload.touched_at < now - TOUCH_EVERY)
    with transaction() as session:
        changed(session, stale.values(touched_at=now))
