"""Local files that a reverse proxy sends in place of the app (FILES_SENT_BY=proxy).

The response names the file in the header X-Accel-Redirect. nginx and Caddy, as configured in deploy/, replace its body
by the file and remove the header.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import quote

from flask import Response, current_app, request

HEADER = "X-Accel-Redirect"
PREFIX = "/_stored/"  # what deploy/nginx.conf and deploy/Caddyfile look up in STORAGE_PATH
OF_THE_BODY = ("Accept-Ranges", "Content-Range")  # which the proxy adds
# nginx compares these with an entity tag of its own, so the app sends the file itself.
APP_CONDITIONS = ("If-Match", "If-Unmodified-Since")


def sent_by_proxy(response: Response, path: Path) -> Response:
    """Return a file's response with the header in place of its body, if the proxy sends files; else unchanged.

    Call this after the app has decided about conditions and range. The status stays: 206 makes Caddy send the range.
    """
    internal = _internal_path(path)
    if internal is None or response.status_code not in (200, 206):
        return response
    response.close()
    response.direct_passthrough = False
    response.set_data(b"")
    for name in OF_THE_BODY:
        response.headers.pop(name, None)
    response.headers[HEADER] = internal
    return response


def _internal_path(path: Path) -> str | None:
    """The internal URL of a stored file; None if the app sends it."""
    if current_app.config["FILES_SENT_BY"] != "proxy" or any(name in request.headers for name in APP_CONDITIONS):
        return None
    root = _resolved(current_app.config["STORAGE_PATH"])
    key = path.relative_to(root).as_posix() if path.is_relative_to(root) else ""
    # Keys that Proofsheet makes have plain characters. Proxies differ in how they decode others.
    return PREFIX + key if key and quote(key) == key else None


@cache
def _resolved(folder: str) -> Path:
    return Path(folder).resolve()
