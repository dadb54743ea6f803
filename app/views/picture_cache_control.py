"""Cache-Control of originals and variants; what a store sends after a redirect is set by its adapter."""

from __future__ import annotations

from app.services.delivery import Delivery, Placeholder, Redirect

VERSIONED = "private, max-age=31536000, immutable"  # a year: another version has another address
UNVERSIONED = "private, max-age=3600"
NO_STORE = "no-store"


def cache_control(delivery: Delivery, *, exact: bool, versioned: bool) -> str:
    """The header of a delivery: `no-store` for placeholders and fallbacks, the rest of its life for a redirect."""
    if isinstance(delivery, Placeholder) or not exact:
        return NO_STORE
    if isinstance(delivery, Redirect):
        return f"private, max-age={delivery.max_age}"
    return VERSIONED if versioned else UNVERSIONED
