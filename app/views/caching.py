"""Who may keep an answer: nobody what went wrong or is somebody's own, a browser the rest, everybody our own files.

No cache between us and the browser is given a photograph, not even a public one: nobody could take it back from there
when the collection is closed.
"""

from __future__ import annotations

from flask import Flask, Response, request

from app.services.access.rules import Action
from app.views import gate
from app.views.bearer import is_api

FOR_ALL = (*gate.STATIC, "account.accent", "openapi.openapi")
NOT_AGAIN = "no-store"
ASKED_FIRST = "private, no-cache"  # kept for the back button, and asked for anew by everything else


def register(app: Flask) -> None:
    """Say at every answer who may keep it, where its view has not."""
    app.after_request(_limited)


def _limited(response: Response) -> Response:
    if request.endpoint in FOR_ALL and response.status_code < 400:
        return response
    response.vary.add("Authorization" if is_api(request) else "Cookie")
    if response.status_code >= 400:
        response.headers["Cache-Control"] = NOT_AGAIN
    elif "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = ASKED_FIRST if _is_shown_to_visitors() else NOT_AGAIN
    return response


def _is_shown_to_visitors() -> bool:
    """Whether it is a page or fact of a collection; what concerns accounts and changes is for nobody to find."""
    read = request.method in ("GET", "HEAD")
    return read and bool(request.endpoint) and gate.declared(request.endpoint or "") is Action.BROWSE
