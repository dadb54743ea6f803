"""Default Cache-Control: `no-store` for errors and private pages, `private, no-cache` for visitor pages.

Static files keep the public header that their views set; bundles never change. Photos are never public, since a shared
cache could not drop them when their collection expires; `picture_cache_control` has their headers.
"""

from __future__ import annotations

from flask import Flask, Response, request

from app.services.access.rules import Action
from app.views import gate
from app.views.bearer import is_api

PUBLIC_ENDPOINTS = (*gate.STATIC, "account.accent", "openapi.openapi")
NO_STORE = "no-store"
UNCHANGING = "public, max-age=31536000, immutable"  # a year: the name of a bundle has a digest of its content
REVALIDATED = "private, no-cache"  # stored for the back button; every other use asks the server first


def register(app: Flask) -> None:
    """Set Cache-Control and Vary on every response whose view has not set them."""
    app.after_request(_with_default)


def _with_default(response: Response) -> Response:
    if request.endpoint in PUBLIC_ENDPOINTS and response.status_code < 400:
        if _is_bundle():
            response.headers["Cache-Control"] = UNCHANGING
        return response
    response.vary.add("Authorization" if is_api(request) else "Cookie")
    if response.status_code >= 400:
        response.headers["Cache-Control"] = NO_STORE
    elif "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = REVALIDATED if _is_shown_to_visitors() else NO_STORE
    return response


def _is_bundle() -> bool:
    return request.endpoint == "static" and (request.view_args or {})["filename"].startswith("bundles/")


def _is_shown_to_visitors() -> bool:
    """Whether the request reads a page or JSON of a collection, rather than of an account."""
    read = request.method in ("GET", "HEAD")
    return read and bool(request.endpoint) and gate.declared(request.endpoint or "") is Action.BROWSE
