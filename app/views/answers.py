"""How views answer: JSON for scripts, pages for people, and bytes with the right caching."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, jsonify, make_response, redirect, request, send_file
from werkzeug.wrappers import Response as WerkzeugResponse

from app.services.delivery import Delivery, LocalFile, Placeholder, Redirect
from app.views.bearer import is_api

YEAR_SECONDS = 31_536_000
HOUR_SECONDS = 3_600


def wants_json() -> bool:
    """Whether the client asked for JSON rather than for a page; programs are given nothing else."""
    if is_api(request):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def json_error(status: int, code: str, message: str, **more: Any) -> Response:
    """The one shape of an error in JSON."""
    response = jsonify(error={"code": code, "message": message, **more})
    response.status_code = status
    return response


def deliver(delivery: Delivery, *, exact: bool = True) -> WerkzeugResponse:
    """The response that gives these bytes; what is only a fallback (not `exact`) is never cached."""
    match delivery:
        case Redirect():
            response: WerkzeugResponse = redirect(delivery.url, 302)
            caching = f"private, max-age={delivery.max_age}"
        case LocalFile():
            response = _local(delivery)
            caching = _local_caching()
        case Placeholder():
            return _placeholder(delivery)
    response.headers["Cache-Control"] = caching if exact else "no-store"
    return response


def _local(delivery: LocalFile) -> Response:
    return send_file(
        delivery.path,
        mimetype=delivery.mime_type,
        as_attachment=delivery.download_name is not None,
        download_name=delivery.download_name,
        conditional=True,
        etag=delivery.etag,
    )


def _local_caching() -> str:
    """A versioned address never gives other bytes, so it needs no second question."""
    if request.args.get("v"):
        return f"private, max-age={YEAR_SECONDS}, immutable"
    return f"private, max-age={HOUR_SECONDS}"


def _placeholder(placeholder: Placeholder) -> WerkzeugResponse:
    name = "preparing.svg" if placeholder.preparing else "no-preview.svg"
    response = make_response(current_app.send_static_file(f"pictures/{name}"))
    response.status_code = 202 if placeholder.preparing else 404
    response.headers["Cache-Control"] = "no-store"
    return response
