"""Headers that every answer carries."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response


def register(app: Flask) -> None:
    """Keep browsers from guessing types, framing pages, and running what is not ours."""
    policy = _policy(app.config["R2_ENDPOINT_URL"])

    @app.after_request
    def _protect(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Content-Security-Policy", policy)
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
