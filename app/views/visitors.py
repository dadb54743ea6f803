"""Who is asking: the account of the session and the collections that it has opened."""

from __future__ import annotations

from flask import session
from flask_login import current_user

from app.services.access import Visitor

GRANT = "collection_access_"


def current_visitor() -> Visitor:
    """The visitor of this request."""
    opened = frozenset(key.removeprefix(GRANT) for key, value in session.items() if key.startswith(GRANT) and value)
    if not current_user.is_authenticated:
        return Visitor(opened=opened)
    return Visitor(current_user.id, current_user.is_admin, opened)


def grant(collection_uuid: str) -> None:
    """Remember that this session gave the collection's password."""
    session[GRANT + collection_uuid] = True
