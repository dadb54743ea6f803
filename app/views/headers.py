"""Headers that every answer carries, and compression of those that are text."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, Response, request

from app.extensions import compress
from app.services.storage_service import StorageService

# A picture opened by itself is a page that the browser makes, styled inline; nothing else may happen in it.
PICTURE_POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"

# A file that somebody uploaded, if a browser shows it in spite of the attachment: a document that can do nothing.
DOWNLOAD_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # frame-ancestors, for browsers that do not know it
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",  # of our own answers; a store that is redirected to has its own
    # Not named: web-share, of which Chromium on desktops says on every page that it does not know the word, and
    # clipboard-read, by which the tests see what was copied. Both are for us alone anyway, and the second asks first.
    "Permissions-Policy": ", ".join((
        *(f"{name}=()" for name in (
            "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture",
            "encrypted-media", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer",
            "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-get", "screen-wake-lock",
            "serial", "usb", "xr-spatial-tracking",
        )),
        *(f"{name}=(self)" for name in ("clipboard-write", "fullscreen")),  # of the lightbox
    )),
}  # fmt: skip
TLS_ONLY = "max-age=31536000"  # a year; other hosts of the domain are not ours to decide about


def register(app: Flask) -> None:
    """Keep browsers from guessing types, framing pages, and running what is not ours."""
    with app.app_context():
        policy = _policy(StorageService().origins())

    @app.after_request
    def _protect(response: Response) -> Response:
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", TLS_ONLY)
        response.headers.setdefault("Content-Security-Policy", _policy_of(response) or policy)
        return _compressed(response) if _is_ours(response) else response


def _policy_of(response: Response) -> str:
    """The policy of what is no page of ours."""
    if _is_download(response):
        return DOWNLOAD_POLICY
    return PICTURE_POLICY if (response.mimetype or "").startswith("image/") else ""


def _compressed(response: Response) -> Response:
    """The answer as the browser likes it best; a file behind it is closed with it, which Flask-Compress forgets."""
    if close := getattr(response.response, "close", None):
        response.call_on_close(close)
    return compress.after_request(response)


def _is_ours(response: Response) -> bool:
    """Whether it is a whole page, script or the like: a part of a file, or an original, goes out as it is stored."""
    return response.status_code == 200 and not _is_download(response)


def _is_download(response: Response) -> bool:
    return response.headers.get("Content-Disposition", "").startswith("attachment")


def _policy(origins: Sequence[str]) -> str:
    """The policy of pages: everything from the app, pictures also from the stores, and parts also to them."""
    hosts = " ".join(origins)
    return "; ".join((
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        f"img-src 'self' data: blob: {hosts}".strip(),
        f"connect-src 'self' {hosts}".strip(),
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ))  # fmt: skip
