"""The one table from errors to HTTP, and the pages that go with it."""

from __future__ import annotations

import logging
from dataclasses import asdict

from flask import Flask, Response, current_app, redirect, request, url_for
from flask.globals import request_ctx
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm.exc import ObjectDeletedError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as WerkzeugResponse

from app import errors
from app.logs import masked
from app.services.transactions import translate
from app.views import audit_request, gate
from app.views.answers import json_error, wants_json

logger = logging.getLogger(__name__)

STATUS: dict[type[errors.AppError], int] = {
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.SignInRequired: 401,
    errors.PasswordRequired: 401,
    errors.CollectionExpired: 410,
    errors.LinkEnded: 410,
    errors.Conflict: 409,
    errors.Invalid: 422,
    errors.FileTooLarge: 413,
    errors.SpoolFull: 507,
    errors.UploadRefused: 422,
    errors.ObjectMissing: 404,
    errors.StorageFull: 507,
    errors.StorageUnavailable: 503,
    errors.DatabaseFull: 507,
    errors.DatabaseBusy: 503,
    errors.TooOften: 429,
    errors.OriginalPreparing: 503,
    errors.StorageError: 502,
    errors.AppError: 500,
}
# Seconds; nothing is wrong with the server.
RETRY_AFTER: dict[type[errors.AppError], int] = {errors.OriginalPreparing: 5}
TITLES = {
    400: "That did not arrive as it should",
    401: "Sign in first",
    403: "Not for you",
    404: "Nothing here",
    405: "Not like this",
    408: "It stopped coming",
    409: "Not as things are now",
    410: "No longer available",
    413: "Too large",
    422: "That cannot be used",
    429: "A little too fast",
    503: "Back in a moment",
    507: "The disk is full",
}
REALM = 'Bearer realm="Proofsheet"'
FAULT = "Something went wrong on the server. It has been noted in the log; nothing you saved is lost."


def status_of(error: errors.AppError) -> int:
    """The HTTP status of an error: its own row, else that of its nearest ancestor."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def register(app: Flask) -> None:
    """Answer every error as JSON or as a page."""
    app.register_error_handler(errors.AppError, _app_error)
    app.register_error_handler(RateLimitExceeded, _too_often)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(ObjectDeletedError, _purged)
    app.register_error_handler(OperationalError, _database_busy)
    app.register_error_handler(DataError, _not_storable)
    app.register_error_handler(Exception, _fault)


def _app_error(error: errors.AppError) -> WerkzeugResponse:
    status = status_of(error)
    if status >= 500 and type(error) not in RETRY_AFTER:
        logger.error("%s %s answered %d: %s", request.method, masked(request.path), status, error.message)
    if isinstance(error, errors.TooOften):
        audit_request.note(
            "limited", view=request.endpoint, collection=(request.view_args or {}).get("collection_uuid")
        )
    if not wants_json() and (way := _way_in(error)):
        gate.refused()
        return redirect(way)
    response = _answer(status, error.code, error.message, **_data_of(error))
    if isinstance(error, errors.TokenInvalid):
        audit_request.note(audit_request.REFUSED)
    if challenge := _challenge(error):
        response.headers["WWW-Authenticate"] = challenge
    if seconds := getattr(error, "retry_after", RETRY_AFTER.get(type(error))):
        response.headers["Retry-After"] = str(seconds)
    return response


def _challenge(error: errors.AppError) -> str:
    """What RFC 6750 has a program told of its token."""
    match error:
        case errors.TokenRequired():
            return REALM
        case errors.TokenInvalid():
            return f'{REALM}, error="{error.code}"'
        case errors.ScopeMissing():
            return f'{REALM}, error="{error.code}", scope="{error.needed}"'
    return ""


def _data_of(error: errors.AppError) -> dict[str, object]:
    match error:
        case errors.Invalid() if error.fields:
            return {"fields": error.fields}
        case errors.TooOften():
            return {"retry_after": error.retry_after}
        case errors.CollectionExpired():
            return {"collection_title": error.title, **asdict(error.contact)}
        case errors.LinkEnded():
            return asdict(error.contact)
    return {}


def _way_in(error: errors.AppError) -> str | None:
    if isinstance(error, errors.PasswordRequired):
        return url_for("collections.password_required", collection_uuid=error.collection_uuid)
    if isinstance(error, errors.SignInRequired):
        return url_for("auth.sign_in", next=request.full_path.rstrip("?") if request.method == "GET" else None)
    return None


def _too_often(error: RateLimitExceeded) -> WerkzeugResponse:
    """A budget is exhausted; when it begins anew its store knows, which may be away, so the longest it can take."""
    window = error.limit.limit.get_expiry() if error.limit else 60
    return _app_error(errors.TooOften("More was asked for from your address than anybody looks at.", window))


def _csrf_error(error: CSRFError) -> WerkzeugResponse:
    return _answer(400, "csrf", "This page was open for too long. Reload it and try again.")


def _http_error(error: HTTPException) -> WerkzeugResponse:
    status = error.code or 500
    if status < 400:
        return error.get_response()  # a redirect
    message = FAULT if status >= 500 else (error.description or "")
    if status == 404:
        message = errors.NotFound().message
    response = _answer(status, error.name.lower().replace(" ", "_"), message)
    for name, value in getattr(error.get_response(), "headers", []):
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _database_busy(error: OperationalError) -> WerkzeugResponse:
    """Reading met a database that is locked or away; a write says so by itself."""
    named = translate(error)
    if named is None:
        return _fault(error)
    logger.error("%s %s: the database did not answer: %s", request.method, masked(request.path), error.orig)
    return _app_error(named)


def _purged(error: ObjectDeletedError) -> WerkzeugResponse:
    """What was read at the start of the request has been deleted for good since."""
    return _app_error(errors.NotFound())


def _not_storable(error: DataError) -> WerkzeugResponse:
    """PostgreSQL takes no NUL in a text, in an address or a form; SQLite takes it and finds nothing."""
    logger.warning("%s %s: the database does not take a value: %s", request.method, masked(request.path), error.orig)
    return _answer(400, "bad_request", "The database cannot store this, or look for it.")


def _fault(error: Exception) -> WerkzeugResponse:
    logger.exception("%s %s failed", request.method, masked(request.path), exc_info=error)
    return _answer(500, "fault", FAULT)


def _answer(status: int, code: str, message: str, **more: object) -> Response:
    if wants_json():
        return json_error(status, code, message, **more)
    if request_ctx.url_adapter is None:  # asked as a host that is not ours: no page of ours has an address there
        return Response(message, status, content_type="text/plain; charset=utf-8")
    title = TITLES.get(status, "Something went wrong")
    # Not render_template: it would look up the visitor for every page, in a database that may be what failed
    template = current_app.jinja_env.get_template("error.html")
    return Response(template.render(status=status, title=title, message=message, **more), status)
