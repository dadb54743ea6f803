"""Who is asking: the account of the session and the collections that it has opened."""

from __future__ import annotations

from flask import session
from flask_login import current_user

from app.models import Collection
from app.services.access import Visitor, seal

GRANT = "collection_access_"


def current_visitor() -> Visitor:
    """The visitor of this request."""
    opened = {key.removeprefix(GRANT): value for key, value in session.items() if key.startswith(GRANT)}
    if not current_user.is_authenticated:
        return Visitor(opened=opened)
    return Visitor(current_user.id, current_user.is_admin, opened)


def grant(collection: Collection) -> None:
    """Remember that this session gave the collection's password, until it is changed."""
    session[GRANT + collection.uuid] = seal(collection)
