"""Error responses: the HTTP status of each error, and its JSON or page."""

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
# Seconds. These errors are expected, so they are not logged although their status is 5xx.
RETRY_AFTER: dict[type[errors.AppError], int] = {errors.OriginalPreparing: 5}
TITLES = {
    400: "Something was wrong with that request",
    401: "Please sign in",
    403: "You don’t have access",
    404: "We can’t find this page",
    405: "That isn’t possible here",
    408: "The upload timed out",
    409: "This has changed – reload and try again",
    410: "No longer available",
    413: "Too large",
    422: "Please check what you entered",
    429: "Too many tries",
    503: "Back in a moment",
    507: "The disk is full",
}
REALM = 'Bearer realm="Proofsheet"'
FAULT = "Something went wrong on the server. Nothing you saved is lost. Please try again later."


def status_of(error: errors.AppError) -> int:
    """The HTTP status of an error, from its class or the nearest base class in STATUS."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def register(app: Flask) -> None:
    """Register handlers that respond to every error with JSON or a page."""
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
    if not wants_json() and (url := _login_url(error)):
        gate.refused()
        return redirect(url)
    response = _answer(status, error.code, error.message, **_data_of(error))
    if isinstance(error, errors.TokenInvalid):
        audit_request.note(audit_request.REFUSED)
    if challenge := _challenge(error):
        response.headers["WWW-Authenticate"] = challenge
    if seconds := getattr(error, "retry_after", RETRY_AFTER.get(type(error))):
        response.headers["Retry-After"] = str(seconds)
    return response


def _challenge(error: errors.AppError) -> str:
    """The WWW-Authenticate header of a token error (RFC 6750); "" for other errors."""
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


def _login_url(error: errors.AppError) -> str | None:
    if isinstance(error, errors.PasswordRequired):
        return url_for("collections.password_required", collection_uuid=error.collection_uuid)
    if isinstance(error, errors.SignInRequired):
        return url_for("auth.sign_in", next=request.full_path.rstrip("?") if request.method == "GET" else None)
    return None


def _too_often(error: RateLimitExceeded) -> WerkzeugResponse:
    """Respond 429 with the whole window as Retry-After: the store that knows the rest of it may be unavailable."""
    window = error.limit.limit.get_expiry() if error.limit else 60
    return _app_error(errors.TooOften("Too many requests from your connection.", window))


def _csrf_error(error: CSRFError) -> WerkzeugResponse:
    return _answer(400, "csrf", "This page was open for too long. Reload the page and try again.")


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
    """Respond to a read of a locked or unavailable database; writes raise DatabaseBusy themselves."""
    named = translate(error)
    if named is None:
        return _fault(error)
    logger.error("%s %s: the database did not answer: %s", request.method, masked(request.path), error.orig)
    return _app_error(named)


def _purged(error: ObjectDeletedError) -> WerkzeugResponse:
    """Respond 404 for a row that was deleted during the request."""
    return _app_error(errors.NotFound())


def _not_storable(error: DataError) -> WerkzeugResponse:
    """Respond 400 to a text with NUL, which PostgreSQL rejects; SQLite accepts it and finds nothing."""
    logger.warning("%s %s: the database rejected a value: %s", request.method, masked(request.path), error.orig)
    return _answer(400, "bad_request", "This contains a character that can’t be stored.")


def _fault(error: Exception) -> WerkzeugResponse:
    logger.exception("%s %s failed", request.method, masked(request.path), exc_info=error)
    return _answer(500, "fault", FAULT)


def _answer(status: int, code: str, message: str, **more: object) -> Response:
    if wants_json():
        return json_error(status, code, message, **more)
    if request_ctx.url_adapter is None:  # the Host header is not trusted, so the page could not build its URLs
        return Response(message, status, content_type="text/plain; charset=utf-8")
    title = TITLES.get(status, "Something went wrong")
    # Not render_template: it looks up the visitor in the database, which may be what failed
    template = current_app.jinja_env.get_template("error.html")
    return Response(template.render(status=status, title=title, message=message, **more), status)
