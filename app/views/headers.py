"""Security headers of every response, and compression of text."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, Response, current_app, request

from app.extensions import compress
from app.services.storage_service import StorageService

# An image opened directly is shown in a page that the browser makes, with inline styles; allow nothing else.
PICTURE_POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"

# An uploaded file that a browser shows although it is an attachment: a document without any rights.
DOWNLOAD_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers without frame-ancestors
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",  # a store sets its own after a redirect
}
# Of documents; a photo has no scripts, and they are a tenth of the bytes of a thumbnail.
OF_DOCUMENTS = ALWAYS | {
    "Cross-Origin-Opener-Policy": "same-origin",
    # Not listed: web-share, which desktop Chromium reports as unknown on every page, and clipboard-read, which tests
    # use. By default both are allowed for this site only, and clipboard-read asks the user.
    "Permissions-Policy": ", ".join((
        *(f"{name}=()" for name in (
            "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture",
            "encrypted-media", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer",
            "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-get", "screen-wake-lock",
            "serial", "usb", "xr-spatial-tracking",
        )),
        *(f"{name}=(self)" for name in ("clipboard-write", "fullscreen")),  # for the lightbox
    )),
}  # fmt: skip
TLS_ONLY = "max-age=31536000"  # a year; without includeSubDomains, which may belong to others


def register(app: Flask) -> None:
    """Add headers that prevent MIME sniffing, framing, and scripts of other sites."""
    with app.app_context():
        policy = _policy(StorageService().origins())

    @app.after_request
    def _protect(response: Response) -> Response:
        present = {name.lower() for name in response.headers.keys()}  # noqa: SIM118  iterating yields pairs
        own = _policy_of(response)
        wanted = (ALWAYS if own else OF_DOCUMENTS) | {"Content-Security-Policy": own or policy}
        if request.is_secure:
            wanted["Strict-Transport-Security"] = TLS_ONLY
        response.headers.extend((name, value) for name, value in wanted.items() if name.lower() not in present)
        return _compressed(response) if _is_compressible(response) else response


def _policy_of(response: Response) -> str:
    """The Content-Security-Policy of a download or an image; "" for pages."""
    if _is_download(response):
        return DOWNLOAD_POLICY
    return PICTURE_POLICY if (response.mimetype or "").startswith("image/") else ""


def _compressed(response: Response) -> Response:
    """The response, compressed if the browser accepts it; also closes its file, which Flask-Compress does not."""
    if close := getattr(response.response, "close", None):
        response.call_on_close(close)
    return compress.after_request(response)


def _is_compressible(response: Response) -> bool:
    """Whether to compress the response: no byte range, download or photo, which are sent as stored."""
    kind = response.mimetype or ""
    return (
        response.status_code == 200 and kind in current_app.config["COMPRESS_MIMETYPES"] and not _is_download(response)
    )


def _is_download(response: Response) -> bool:
    return response.headers.get("Content-Disposition", "").startswith("attachment")


def _policy(origins: Sequence[str]) -> str:
    """The Content-Security-Policy of pages: everything from the app, images and uploads also from and to the stores."""
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
