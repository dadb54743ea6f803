"""Delivery of originals and variants: by a stable presigned URL, a local file, or a placeholder."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.errors import Forbidden, NotFound, ObjectMissing, OriginalPreparing
from app.imaging import formats, variants
from app.models import File, ProcessingStatus, Variant
from app.services.access import rules
from app.services.access.rules import Action, Gated, Visitor, allowed
from app.services.delivery.pictures import Picture
from app.services.delivery.signing import Signer
from app.services.storage_service import StorageService
from app.services.variants import integrity, private_originals, single
from app.services.variants.integrity import VariantLocation
from app.services.variants.on_demand import OnDemand

logger = logging.getLogger(__name__)

NEUTRAL_MIME = "application/octet-stream"
MARGIN_SECONDS = 60  # a cached redirect must expire before its URL


@dataclass(frozen=True)
class Redirect:
    """A URL that is valid for at least `max_age` seconds."""

    url: str
    max_age: int


@dataclass(frozen=True)
class LocalFile:
    """A file on this machine, with the headers to send it with."""

    path: Path
    mime_type: str
    etag: str
    download_name: str | None


@dataclass(frozen=True)
class Placeholder:
    """No picture exists: it is still being made (`preparing`), or cannot be made."""

    preparing: bool


Delivery = Redirect | LocalFile | Placeholder


class Served(Protocol):
    """The values of a file by which it is sent: a row or a Picture."""

    @property
    def uuid(self) -> str: ...
    @property
    def mime_type(self) -> str: ...
    @property
    def original_filename(self) -> str: ...
    @property
    def storage_backend(self) -> str: ...
    @property
    def collection(self) -> Gated: ...
    @property
    def is_deleted(self) -> bool: ...


class DeliveryService:
    """Delivers originals and variants to a visitor; the caller must call `authorize` first."""

    def __init__(
        self, visitor: Visitor, storage: StorageService | None = None, on_demand: OnDemand | None = None
    ) -> None:
        self._visitor = visitor
        self._storage = storage or StorageService()
        self._on_demand = on_demand or OnDemand()

    def original(self, file: File) -> Delivery:
        """Return the original as a download under its uploaded name.

        If the collection hides location and the visitor does not manage it, returns the cleaned original. Raises
        ObjectMissing; Forbidden if the file cannot be cleaned; OriginalPreparing while it is being cleaned.
        """
        if not rules.gets_untouched(self._visitor, file.collection):
            return self._cleaned(file)
        return self._deliver(file, file.storage_path, original_mime(file), original_etag(file), file.original_filename)

    def recorded(self, picture: Picture) -> Delivery | None:
        """Return the recorded variant of a Picture; None if it has none, or if it is missing or damaged."""
        return self._if_intact(picture, picture.variant, picture.key) if picture.variant else None

    def untouched(self, picture: Picture) -> Delivery:
        """Return the uploaded original of a Picture; the caller must call `gets_untouched`. Raises ObjectMissing."""
        name = picture.original_filename
        return self._deliver(picture, picture.storage_path, original_mime(picture), original_etag(picture), name)

    def _cleaned(self, file: File) -> Delivery:
        _refuse_withheld(file)
        delivery = self._existing_or_made(file, private_originals.NAME)
        if delivery is None:
            _refuse_withheld(file)  # again: cleaning may have failed just now
            raise OriginalPreparing
        return delivery

    def variant(
        self, file: File, name: str, *, or_original: bool, accepted: Sequence[str] = ()
    ) -> tuple[Delivery, bool]:
        """Return the named variant and True or, if it does not exist yet, a fallback and False.

        The fallback is the original if `or_original` is set, browsers can draw it and the visitor may download it
        uncleaned, else a placeholder. `accepted` names formats, best first; an existing sibling in one is preferred.
        """
        delivery = self._sibling(file, name, accepted) or self._existing_or_made(file, name)
        if delivery is not None:
            return delivery, True
        if or_original and file.mime_type in formats.DRAWABLE and self._may_have_untouched(file):
            return self.original(file), False
        return Placeholder(preparing=_is_preparing(file, name)), False

    def _may_have_untouched(self, file: File) -> bool:
        untouched = rules.gets_untouched(self._visitor, file.collection)
        return untouched and allowed(self._visitor, file, Action.DOWNLOAD)

    def _sibling(self, file: File, name: str, accepted: Sequence[str]) -> Delivery | None:
        """Return the first existing sibling; missing ones are requested for later visitors."""
        for format_name in accepted:
            key = f"{name}_{format_name}"
            row = recorded(file, key)
            if row is not None and (delivery := self._if_intact(file, VariantLocation.of(row), key)):
                return delivery
            self._on_demand.request(file, key, lost=row is not None)
        return None

    def _existing_or_made(self, file: File, name: str) -> Delivery | None:
        """Return the variant if it exists or is made within the wait; else None."""
        for _ in range(2):
            found = location(file, name)
            if found is not None and (delivery := self._if_intact(file, found, name)):
                return delivery
            if not self._on_demand.make_now(file, name, lost=found is not None):
                return None
        return None

    def _if_intact(self, file: Served, location: VariantLocation, key: str) -> Delivery | None:
        """Return the delivery of an object; None if it is missing or, for a local file, damaged."""
        try:
            delivery = self._deliver(file, location.path, *_headers_of(file, key, location.size))
            if isinstance(delivery, LocalFile) and not integrity.is_intact_file(delivery.path, location):
                logger.warning("variant damaged file=%s name=%s", file.uuid, key)
                return None
        except ObjectMissing:
            logger.warning("variant missing file=%s name=%s", file.uuid, key)
            return None
        return delivery

    def _deliver(self, file: Served, key: str, mime_type: str, etag: str, download_name: str | None) -> Delivery:
        if file.is_deleted:  # during the wait
            raise NotFound
        storage = self._storage.named(file.storage_backend)
        path = storage.local_path(key)
        if path is not None:
            return LocalFile(path, mime_type, etag, download_name)
        signing = Signer().signing(self._visitor, file.collection)
        url = signing.url(storage, key, mime_type, download_name)
        if url is None:
            raise ObjectMissing("The store has neither a file nor a URL for this object.", key)
        return Redirect(url, max(0, signing.seconds_left - MARGIN_SECONDS))


def _is_preparing(file: File, name: str) -> bool:
    """Return whether a missing variant is being made or will be; False for failed and unreadable files."""
    may_have_variants = file.is_image and file.processing_status != ProcessingStatus.FAILED
    return may_have_variants and not single.is_unreadable(file.id, name)


def original_mime(file: Served) -> str:
    """Return the MIME type to send an original with: its own if every browser can draw it, else NEUTRAL_MIME."""
    return file.mime_type if file.mime_type in formats.DRAWABLE else NEUTRAL_MIME


def _headers_of(file: Served, key: str, size: int | None) -> tuple[str, str, str | None]:
    """Return MIME type, entity tag and download name of a variant; a cleaned original keeps the uploaded name."""
    etag = variant_etag(file, key, size)
    if key == private_originals.NAME:
        return original_mime(file), etag, file.original_filename
    return variant_mime(key), etag, None


def variant_etag(file: Served, key: str, size: int | None) -> str:
    """Return the entity tag of a variant with this length in bytes."""
    return f"{file.uuid}-{key}-{size}"


def original_etag(file: File | Picture) -> str:
    """Return the entity tag of an original: its digest, or its uuid if the digest is not known."""
    return file.sha256 or file.uuid


def _refuse_withheld(file: File) -> None:
    if words := private_originals.withheld(file):
        raise Forbidden(words)


def recorded(file: File, key: str) -> Variant | None:
    """Return the row of a variant, or None if it has not been made."""
    return next((variant for variant in file.variants if variant.name == key), None)


def location(file: File, name: str) -> VariantLocation | None:
    """Return the location of a variant, or None; variants without a row have no known length or digest."""
    row = recorded(file, name)
    if row is not None:
        return VariantLocation.of(row)
    older = {"thumb": file.thumb_path or file.thumbnail_path, "medium": file.medium_path}.get(name)
    return VariantLocation(older) if older else None


def variant_mime(key: str) -> str:
    """Return the MIME type of a variant."""
    return formats.by_name(variants.by_key(key).format).mime
