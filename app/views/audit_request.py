"""Audit log entries for the events of a request."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from app.models import File
from app.services import audit
from app.services.delivery.pictures import Picture
from app.views import bearer
from app.views.visitors import current_visitor

REFUSED = "token.refused"


def note(event: str, **facts: str | int | None) -> None:
    """Log an event with the account, token and address of the request; facts are ids, never secrets."""
    account = None if event == REFUSED else current_visitor().user_id
    audit.event(event, account=account, token=bearer.token_uuid(), address=request.remote_addr, **facts)


def address_like(text: str | None) -> str | None:
    """The text if it looks like an email address, else None: it may be a password in the wrong field."""
    return text if text and "@" in text.strip("@") else None


def downloaded(file: File | Picture, response: Response) -> Response:
    """Log the download of an original, whether whole, in part or by redirect; return the response."""
    if request.method == "GET" and response.status_code in (200, 206, 302):
        note("original.downloaded", file=file.uuid, collection=file.collection.uuid)
    return response
