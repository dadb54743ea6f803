"""Cache-Control of originals and variants; a storage adapter sets the header that its store sends after a redirect."""

from __future__ import annotations

from app.services.delivery.files import Delivery, Placeholder, Redirect

VERSIONED = "private, max-age=31536000, immutable"  # a year: a new version has a new URL
UNVERSIONED = "private, max-age=3600"
NO_STORE = "no-store"


def cache_control(delivery: Delivery, *, exact: bool, versioned: bool) -> str:
    """The header of a delivery: `no-store` for placeholders and fallbacks, the URL's lifetime for redirects."""
    if isinstance(delivery, Placeholder) or not exact:
        return NO_STORE
    if isinstance(delivery, Redirect):
        return f"private, max-age={delivery.max_age}"
    return VERSIONED if versioned else UNVERSIONED
