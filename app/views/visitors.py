"""Who is asking: the account of the session, the collections that it has opened, and the links it came by."""

from __future__ import annotations

from dataclasses import replace

from flask import request, session
from flask_login import current_user

from app.errors import SignInRequired
from app.models import Collection, new_uuid
from app.services.access import grants, share_links
from app.services.access.rules import Visitor, seal
from app.views import bearer, sealed

GRANT = "collection_access_"
ID = "visitor"
CAME_BY = "came_by"  # the secrets of the links, to pass them on: the server keeps only their digests
MOST_LINKS = 6  # of some 60 bytes each in the cookie
MOST_IN_COOKIE = 20  # of some 60 bytes each: a browser keeps no cookie of more than 4,096


def current_visitor() -> Visitor:
    """The visitor of this request."""
    if bearer.is_api(request):
        return bearer.visitor()
    given = {key.removeprefix(GRANT): value for key, value in session.items() if key.startswith(GRANT)}
    known = session.get(ID)
    anybody = Visitor(opened=grants.Opened(known, given), links=grants.Links(known), link_ends=grants.LinkEnds(known))
    if not current_user.is_authenticated:
        return anybody
    who = current_user
    return replace(anybody, user_id=who.id, is_admin=who.is_admin, session=who.get_id())


def account_id() -> int:
    """The id of the account that asks; raises SignInRequired."""
    user_id = current_visitor().user_id
    if user_id is None:
        raise SignInRequired
    return user_id


def grant(collection: Collection) -> None:
    """Remember that this session gave the collection's password, until it is changed."""
    sealed, key = seal(collection), GRANT + collection.uuid
    grants.note_seal(_visitor_id(), collection.id, sealed)
    session.pop(key, None)
    known = [name for name in session if name.startswith(GRANT)]
    for oldest in known[: max(0, len(known) + 1 - MOST_IN_COOKIE)]:
        session.pop(oldest)
    session[key] = sealed


def come_by_link(secret: str) -> share_links.Way:
    """Let this session in by a share link, and keep it for passing on; raises NotFound or LinkEnded."""
    way = share_links.visit(secret, _visitor_id())
    secrets = [secret, *(each for each in _secrets() if each != secret)]
    session[CAME_BY] = sealed.seal(CAME_BY, secrets[:MOST_LINKS])
    return way


def link_to(collection: Collection) -> str | None:
    """The secret of the last open share link by which this session came into the collection; None without one."""
    secrets = _secrets()
    return share_links.open_among(collection.id, secrets) if secrets else None


def _secrets() -> list[str]:
    kept = session.get(CAME_BY)
    return (sealed.opened(CAME_BY, kept) or []) if kept else []


def _visitor_id() -> str:
    return str(session.setdefault(ID, new_uuid()))
