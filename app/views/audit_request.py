"""What a visitor did, for the audit log."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from app.models import File
from app.services import audit
from app.views import bearer
from app.views.visitors import current_visitor

REFUSED = "token.refused"


def note(event: str, **facts: str | int | None) -> None:
    """Log an event of this request with who asked and from where; facts name things by id, and are never secrets."""
    account = None if event == REFUSED else current_visitor().user_id
    audit.event(event, account=account, token=bearer.token_uuid(), address=request.remote_addr, **facts)


def address_like(text: str | None) -> str | None:
    """A text that may be an email address, else None: people type passwords into the wrong field."""
    return text if text and "@" in text.strip("@") else None


def downloaded(file: File, answer: Response) -> Response:
    """Log that an original was given out, whole, from some byte on, or by an address of the store."""
    if request.method == "GET" and answer.status_code in (200, 206, 302):
        note("original.downloaded", file=file.uuid, collection=file.collection.uuid)
    return answer
