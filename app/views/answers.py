"""Responses that several views share: JSON for scripts, pages for people, and the bytes of files."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, jsonify, make_response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from app.services.delivery.files import Delivery, LocalFile, Placeholder, Redirect
from app.views.bearer import is_api
from app.views.picture_cache_control import UNVERSIONED, VERSIONED, cache_control
from app.views.stored_file import stored_file


def wants_json() -> bool:
    """Whether to respond with JSON: always below /api/, elsewhere if Accept prefers it to HTML."""
    if is_api(request):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def json_error(status: int, code: str, message: str, **more: Any) -> Response:
    """A JSON error response: `{"error": {"code", "message", …}}`."""
    response = jsonify(error={"code": code, "message": message, **more})
    response.status_code = status
    return response


def deliver(delivery: Delivery, *, exact: bool = True) -> WerkzeugResponse:
    """The response for a delivery, with its Cache-Control: `no-store` if it is a fallback (not `exact`)."""
    match delivery:
        case Redirect():
            response: WerkzeugResponse = redirect(delivery.url, 302)
        case LocalFile():
            response = stored_file(delivery)
        case Placeholder():
            response = _placeholder(delivery)
    versioned = bool(request.args.get("v"))
    response.headers["Cache-Control"] = cache_control(delivery, exact=exact, versioned=versioned)
    return response


def unchanged(etag: str) -> Response | None:
    """A 304 if the browser has the bytes with this entity tag, before any file is opened; else None."""
    if not request.if_none_match.contains_weak(etag):
        return None
    response = current_app.response_class(status=304)
    response.set_etag(etag)
    response.headers["Cache-Control"] = VERSIONED if request.args.get("v") else UNVERSIONED
    return response


def _placeholder(placeholder: Placeholder) -> WerkzeugResponse:
    name = "preparing.svg" if placeholder.preparing else "no-preview.svg"
    response = make_response(current_app.send_static_file(f"pictures/{name}"))
    response.status_code = 202 if placeholder.preparing else 404
    return response
