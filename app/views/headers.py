"""Headers that every answer carries, and compression of those that are text."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response

from app.extensions import compress

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
        return _compressed(response) if _is_ours(response) else response


def _compressed(response: Response) -> Response:
    """The answer as the browser likes it best; a file behind it is closed with it, which Flask-Compress forgets."""
    if close := getattr(response.response, "close", None):
        response.call_on_close(close)
    return compress.after_request(response)


def _is_ours(response: Response) -> bool:
    """Whether it is a whole page, script or the like: a part of a file, or an original, goes out as it is stored."""
    download = response.headers.get("Content-Disposition", "").startswith("attachment")
    return response.status_code == 200 and not download


def _policy(store_url: str) -> str:
    """Everything from here; pictures from the store as well, and parts to it (its host, or the bucket's subdomain)."""
    store = urlsplit(store_url)
    hosts = f"{store.scheme}://{store.netloc} {store.scheme}://*.{store.netloc}" if store.netloc else ""
    return "; ".join((
        "default-src 'self'",
        f"img-src 'self' data: blob: {hosts}".strip(),
        f"connect-src 'self' {hosts}".strip(),
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ))  # fmt: skip
