"""Presigned URLs and download names: when a URL is signed and expires, and the header that names the saved file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote


def url_window(now: datetime, lifetime_seconds: int, ends_at: datetime | None) -> tuple[datetime, datetime]:
    """Return when a URL is signed and when it expires, both the same for all requests within half a lifetime.

    The URL is valid for between half a lifetime and a whole one, and expires by the second of `ends_at`.
    """
    step = max(1, lifetime_seconds // 2)
    signed_at = datetime.fromtimestamp(now.timestamp() // step * step, UTC)
    expires_at = signed_at + timedelta(seconds=lifetime_seconds)
    if ends_at is not None and now < ends_at < expires_at:
        expires_at = ends_at.replace(microsecond=0)
        signed_at = min(signed_at, expires_at - timedelta(seconds=1))  # stores reject a URL valid for 0 seconds
    return signed_at, expires_at


def attachment(name: str) -> str:
    """Return a Content-Disposition header that saves under this name, in any script (RFC 6266, RFC 8187)."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
