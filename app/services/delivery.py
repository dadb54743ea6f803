"""How bytes reach the browser: a stable presigned URL, a local file, or a placeholder."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from flask import current_app

from app.errors import Forbidden, NotFound, ObjectMissing, OriginalPreparing
from app.imaging import formats, variants
from app.integrations.base import UrlOptions
from app.models import File, ProcessingStatus, Variant, utc_now
from app.services.access import rules
from app.services.access.rules import Action, Visitor, allowed, ends_at
from app.services.storage_service import StorageService
from app.services.variants import integrity, private_originals, single
from app.services.variants.integrity import VariantLocation
from app.services.variants.on_demand import OnDemand

logger = logging.getLogger(__name__)

NEUTRAL = "application/octet-stream"
MARGIN_SECONDS = 60  # a cached redirect must not outlive the URL that it leads to


@dataclass(frozen=True)
class Redirect:
    """The bytes are at this URL, which holds for `max_age` seconds more."""

    url: str
    max_age: int


@dataclass(frozen=True)
class LocalFile:
    """The bytes are in this file of our own."""

    path: Path
    mime_type: str
    etag: str
    download_name: str | None


@dataclass(frozen=True)
class Placeholder:
    """There is no picture to give: it is still being made, or it never will be."""

    preparing: bool


Delivery = Redirect | LocalFile | Placeholder


class DeliveryService:
    """Finds the way of an original or a variant to a visitor; whoever calls it has asked `authorize` first.

    No URL that it gives out holds beyond what lets the visitor in, nor beyond the collection's expiry.
    """

    def __init__(
        self, visitor: Visitor, storage: StorageService | None = None, on_demand: OnDemand | None = None
    ) -> None:
        self._visitor = visitor
        self._storage = storage or StorageService()
        self._on_demand = on_demand or OnDemand()
        self._url_seconds = int(current_app.config["PRESIGNED_URL_SECONDS"])

    def original(self, file: File) -> Delivery:
        """The original as the visitor may have it, as a download under the photographer's name for it.

        That is the untouched one, or where its collection hides the place and the visitor does not manage it, one
        without that. Raises ObjectMissing; Forbidden for what cannot be cleaned, OriginalPreparing while it is not yet.
        """
        if not rules.gets_untouched(self._visitor, file.collection):
            return self._cleaned(file)
        return self._deliver(
            file, file.storage_path, original_mime(file), file.sha256 or file.uuid, file.original_filename
        )

    def _cleaned(self, file: File) -> Delivery:
        _refuse_withheld(file)
        delivery = self._made(file, private_originals.NAME)
        if delivery is None:
            _refuse_withheld(file)  # which it may have turned out to be meanwhile
            raise OriginalPreparing
        return delivery

    def variant(
        self, file: File, name: str, *, or_original: bool, accepted: Sequence[str] = ()
    ) -> tuple[Delivery, bool]:
        """The named variant and True; if there is none yet, a fallback and False.

        That is the original where the caller wants it, and the visitor may have it and gets it untouched; else a
        placeholder.
        `accepted` are formats, best first, of which a sibling is given instead where there is one.
        """
        delivery = self._sibling(file, name, accepted) or self._made(file, name)
        if delivery is not None:
            return delivery, True
        if or_original and file.mime_type in formats.DRAWABLE and self._may_have_untouched(file):
            return self.original(file), False
        return Placeholder(preparing=_is_to_come(file, name)), False

    def _may_have_untouched(self, file: File) -> bool:
        untouched = rules.gets_untouched(self._visitor, file.collection)
        return untouched and allowed(self._visitor, file, Action.DOWNLOAD)

    def _sibling(self, file: File, name: str, accepted: Sequence[str]) -> Delivery | None:
        """A sibling that exists; one that does not is asked for and served another time."""
        for format_name in accepted:
            key = f"{name}_{format_name}"
            row = recorded(file, key)
            if row is not None and (delivery := self._whole(file, VariantLocation.of(row), key)):
                return delivery
            self._on_demand.request(file, key, lost=row is not None)
        return None

    def _made(self, file: File, name: str) -> Delivery | None:
        """The variant, if it is there or is made while the visitor waits."""
        for _ in range(2):
            found = location(file, name)
            if found is not None and (delivery := self._whole(file, found, name)):
                return delivery
            if not self._on_demand.make_now(file, name, lost=found is not None):
                return None
        return None

    def _whole(self, file: File, place: VariantLocation, key: str) -> Delivery | None:
        """The way to an object; None if it has vanished, or is not as it was made (known of local ones)."""
        try:
            delivery = self._deliver(file, place.path, *_shown_as(file, key, place.size))
            if isinstance(delivery, LocalFile) and not integrity.is_intact_file(delivery.path, place):
                logger.warning("variant damaged file=%s name=%s", file.uuid, key)
                return None
        except ObjectMissing:
            logger.warning("variant missing file=%s name=%s", file.uuid, key)
            return None
        return delivery

    def _deliver(self, file: File, key: str, mime_type: str, etag: str, download_name: str | None) -> Delivery:
        if file.deleted_at is not None:  # while its variant was waited for
            raise NotFound
        storage = self._storage.named(file.storage_backend)
        path = storage.local_path(key)
        if path is not None:
            return LocalFile(path, mime_type, etag, download_name)
        now = utc_now()
        limits = (ends_at(self._visitor, file), file.collection.expires_at)
        ends = [moment for moment in limits if moment is not None and moment > now]
        signed_at, expires_at = url_window(now, self._url_seconds, min(ends, default=None))
        options = UrlOptions(mime_type, attachment(download_name) if download_name else None)
        url = storage.url(key, signed_at=signed_at, expires_at=expires_at, options=options)
        if url is None:
            raise ObjectMissing("The store gives neither a file nor a URL.", key)
        return Redirect(url, max(0, int((expires_at - now).total_seconds()) - MARGIN_SECONDS))


def _is_to_come(file: File, name: str) -> bool:
    """Whether a missing variant is being made, or will be: not of a failed file, nor of an unreadable picture."""
    may_have_variants = file.is_image and file.processing_status != ProcessingStatus.FAILED
    return may_have_variants and not single.is_unreadable(file.id, name)


def original_mime(file: File) -> str:
    """Return the MIME type of an original in a response: its own if every browser draws it, else a neutral one."""
    return file.mime_type if file.mime_type in formats.DRAWABLE else NEUTRAL


def _shown_as(file: File, key: str, size: int | None) -> tuple[str, str, str | None]:
    """MIME type, entity tag and file name of a variant; a cleaned original is called as the untouched one is."""
    etag = f"{file.uuid}-{key}-{size}"
    if key == private_originals.NAME:
        return original_mime(file), etag, file.original_filename
    return variant_mime(key), etag, None


def _refuse_withheld(file: File) -> None:
    if words := private_originals.withheld(file):
        raise Forbidden(words)


def recorded(file: File, key: str) -> Variant | None:
    """The row of a variant, if it has been made."""
    return next((variant for variant in file.variants if variant.name == key), None)


def location(file: File, name: str) -> VariantLocation | None:
    """Where a variant lies; of those older than the table of variants neither length nor digest is known."""
    row = recorded(file, name)
    if row is not None:
        return VariantLocation.of(row)
    older = {"thumb": file.thumb_path or file.thumbnail_path, "medium": file.medium_path}.get(name)
    return VariantLocation(older) if older else None


def variant_mime(key: str) -> str:
    """The MIME type in which a variant is kept."""
    return formats.by_name(variants.by_key(key).format).mime


def url_window(now: datetime, lifetime_seconds: int, ends_at: datetime | None) -> tuple[datetime, datetime]:
    """When a URL is signed and when it ends: the same for everybody who asks within half a lifetime.

    It lives between half a lifetime and a whole one, and never beyond `ends_at`: in the second of that it is over.
    """
    step = max(1, lifetime_seconds // 2)
    signed_at = datetime.fromtimestamp(now.timestamp() // step * step, UTC)
    expires_at = signed_at + timedelta(seconds=lifetime_seconds)
    if ends_at is not None and now < ends_at < expires_at:
        expires_at = ends_at.replace(microsecond=0)
        signed_at = min(signed_at, expires_at - timedelta(seconds=1))  # no store takes a URL of 0 seconds
    return signed_at, expires_at


def attachment(name: str) -> str:
    """A Content-Disposition that saves under this name in any script (RFC 6266, RFC 8187)."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
