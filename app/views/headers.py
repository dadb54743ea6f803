"""Headers that every answer carries."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response

# A picture opened by itself is a page that the browser makes, styled inline; nothing else may happen in it.
PICTURE_POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def register(app: Flask) -> None:
    """Keep browsers from guessing types, framing pages, and running what is not ours."""
    policy = _policy(app.config["R2_ENDPOINT_URL"])

    @app.after_request
    def _protect(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        picture = (response.mimetype or "").startswith("image/")
        response.headers.setdefault("Content-Security-Policy", PICTURE_POLICY if picture else policy)
        return response


def _policy(store_url: str) -> str:
    """Everything from here, pictures from the store as well (its host, or the bucket's subdomain of it)."""
    store = urlsplit(store_url)
    pictures = f"{store.scheme}://{store.netloc} {store.scheme}://*.{store.netloc}" if store.netloc else ""
    return "; ".join((
        "default-src 'self'",
        f"img-src 'self' data: blob: {pictures}".strip(),
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ))  # fmt: skip
