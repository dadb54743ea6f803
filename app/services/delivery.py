"""How bytes reach the browser: a stable presigned URL, a local file, or a placeholder."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from flask import current_app

from app.errors import ObjectMissing
from app.imaging import formats, variants
from app.integrations.base import UrlOptions
from app.jobs.queue import Queue
from app.models import File, ProcessingStatus, db, utc_now
from app.services.storage_service import StorageService

logger = logging.getLogger(__name__)

# What every browser draws; other originals can be downloaded but not shown in place of a missing variant.
DRAWABLE = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"})
NEUTRAL = "application/octet-stream"
MARGIN_SECONDS = 60  # a cached redirect must not outlive the URL that it leads to


@dataclass(frozen=True)
class Redirect:
    """The bytes are at this URL, which holds for `max_age` seconds more."""

    url: str
    max_age: int


@dataclass(frozen=True)
class LocalFile:
    """The bytes are in this file of our own; `lasting` if this address will never give others."""

    path: Path
    mime_type: str
    etag: str
    download_name: str | None
    lasting: bool


@dataclass(frozen=True)
class Placeholder:
    """There is no picture to give: it is still being made, or it never will be."""

    preparing: bool


Delivery = Redirect | LocalFile | Placeholder


class DeliveryService:
    """Finds the way for an original or a variant; whoever calls it has asked `authorize` first."""

    def __init__(self, storage: StorageService | None = None, queue: Queue | None = None) -> None:
        self._storage = storage or StorageService()
        self._queue: Queue = queue or current_app.extensions["proofsheet.queue"]
        self._wait_seconds = float(current_app.config["VARIANT_WAIT_SECONDS"])
        self._url_seconds = int(current_app.config["PRESIGNED_URL_SECONDS"])

    def original(self, file: File) -> Delivery:
        """The untouched original, as a download under the photographer's name for it; raises ObjectMissing."""
        mime_type = file.mime_type if file.mime_type in DRAWABLE else NEUTRAL
        return self._deliver(file, file.storage_path, mime_type, file.sha256 or file.uuid, file.original_filename)

    def variant(self, file: File, name: str, *, or_original: bool) -> tuple[Delivery, bool]:
        """The named variant and True; if there is none yet, a fallback (the original where allowed) and False."""
        path = self._path_of(file, name) or self._path_after_waiting(file, name)
        if path is not None:
            try:
                return self._deliver(file, path, variant_mime(name), f"{file.uuid}-{name}", None), True
            except ObjectMissing as error:
                logger.warning("variant missing file=%s name=%s: %s", file.uuid, name, error)
        if or_original and file.mime_type in DRAWABLE:
            return self.original(file), False
        return Placeholder(preparing=file.processing_status != ProcessingStatus.FAILED), False

    @staticmethod
    def _path_of(file: File, name: str) -> str | None:
        promised = {"thumb": file.thumb_path, "medium": file.medium_path}.get(name)
        return promised or next((variant.path for variant in file.variants if variant.name == name), None)

    def _path_after_waiting(self, file: File, name: str) -> str | None:
        """Ask for the variant now, unless it has failed for good, and give it a moment."""
        if not file.is_image or file.processing_status in (ProcessingStatus.FAILED, ProcessingStatus.COMPLETED):
            return None
        file_id = file.id
        db.session.rollback()  # no transaction is open while we wait, and the next one sees the worker's commit
        self._queue.submit(file_id)
        self._queue.wait([file_id], self._wait_seconds)
        return self._path_of(file, name)

    def _deliver(self, file: File, key: str, mime_type: str, etag: str, download_name: str | None) -> Delivery:
        storage = self._storage.named(file.storage_backend)
        path = storage.local_path(key)
        if path is not None:
            return LocalFile(path, mime_type, etag, download_name, lasting=True)
        now = utc_now()
        signed_at, expires_at = url_window(now, self._url_seconds, file.collection.expires_at)
        options = UrlOptions(mime_type, attachment(download_name) if download_name else None)
        url = storage.url(key, signed_at=signed_at, expires_at=expires_at, options=options)
        if url is None:
            raise ObjectMissing("The store gives neither a file nor a URL.", key)
        return Redirect(url, max(0, int((expires_at - now).total_seconds()) - MARGIN_SECONDS))


def variant_mime(name: str) -> str:
    """The MIME type in which the ladder keeps this variant."""
    return formats.by_name(variants.by_name(name).format).mime


def url_window(now: datetime, lifetime_seconds: int, ends_at: datetime | None) -> tuple[datetime, datetime]:
    """When a URL is signed and when it ends: the same for everybody who asks within half a lifetime.

    It lives between half a lifetime and a whole one, and never beyond `ends_at`.
    """
    step = max(1, lifetime_seconds // 2)
    signed_at = datetime.fromtimestamp(now.timestamp() // step * step, UTC)
    expires_at = signed_at + timedelta(seconds=lifetime_seconds)
    if ends_at is not None and now < ends_at < expires_at:
        expires_at = ends_at.replace(microsecond=0)
    return signed_at, expires_at


def attachment(name: str) -> str:
    """A Content-Disposition that saves under this name in any script (RFC 6266, RFC 8187)."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
