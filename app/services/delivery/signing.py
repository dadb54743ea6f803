"""When presigned URLs are signed and expire for a visitor, and the URLs that a page names by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from app.integrations.base import FileStorage, UrlOptions
from app.models import utc_now
from app.services.access.rules import Gated, Visitor, ends_at
from app.services.delivery.addresses import attachment, url_window
from app.services.storage_service import StorageService


@dataclass(frozen=True)
class Signing:
    """When URLs are signed and when they expire: equal for all visitors within half of PRESIGNED_URL_SECONDS."""

    signed_at: datetime
    expires_at: datetime

    def url(self, storage: FileStorage, key: str, mime_type: str, download_name: str | None = None) -> str | None:
        """Return the URL of an object in a store; None if that has no URLs."""
        options = UrlOptions(mime_type, attachment(download_name) if download_name else None)
        return storage.url(key, signed_at=self.signed_at, expires_at=self.expires_at, options=options)

    @property
    def seconds_left(self) -> int:
        """The seconds until the URLs expire."""
        return int((self.expires_at - utc_now()).total_seconds())

    @property
    def token(self) -> str:
        """Text that differs once a page should take over new URLs, long before the old ones expire."""
        return f"{self.signed_at.timestamp():.0f}-{self.expires_at.timestamp():.0f}"


class Signer:
    """Says when the URLs for a visitor are signed and expire: with the share link or the collection at the latest."""

    def __init__(self) -> None:
        config = current_app.config
        self._seconds = int(config["PRESIGNED_URL_SECONDS"])
        # With VARIANT_EXTRA_FORMATS the app chooses the format for each request.
        wanted = config["PRESIGNED_TILES"] == "on" and not config["VARIANT_EXTRA_FORMATS"]
        self._signs_pages = wanted and bool(StorageService().current.origins())

    def signing(self, visitor: Visitor, collection: Gated) -> Signing:
        """Return the times for a visitor of a collection."""
        now = utc_now()
        limits = (ends_at(visitor, collection), collection.expires_at)
        ends = [moment for moment in limits if moment is not None and moment > now]
        return Signing(*url_window(now, self._seconds, min(ends, default=None)))

    def signing_of_page(self, visitor: Visitor, collection: Gated) -> Signing | None:
        """Return the times for the URLs of variants that a page names; None if it names those of the app."""
        return self.signing(visitor, collection) if self._signs_pages else None
