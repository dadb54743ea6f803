"""The visitor of a request: its account, and the collections that its session has opened by password or share link."""

from __future__ import annotations

from flask import g, request, session
from flask_login import current_user, login_user, logout_user

from app.errors import SignInRequired
from app.models import Collection, User, new_uuid
from app.services.access import grants, share_links
from app.services.access.rules import Visitor, seal
from app.views import bearer, sealed

GRANT = "collection_access_"
ID = "visitor"
CAME_BY = "came_by"  # the secrets of the links, to pass them on: the server keeps only their digests
MOST_LINKS = 6  # of some 60 bytes each in the cookie
MOST_IN_COOKIE = 20  # of some 60 bytes each: a browser keeps no cookie of more than 4,096


def current_visitor() -> Visitor:
    """The visitor of this request, with its grants for the collections that the gate was asked about."""
    if "visitor" not in g:
        g.visitor = bearer.visitor() if bearer.is_api(request) else _of_session()
    found: Visitor = g.visitor
    return found


def visitor_of(collection: Collection) -> Visitor:
    """The visitor of this request with its grant for the collection, which is looked up once."""
    visitor = current_visitor()
    if collection.uuid not in visitor.grants:
        g.visitor = visitor = grants.with_grant(visitor, collection)
    return visitor


def account_id() -> int:
    """The id of the visitor's account; raises SignInRequired."""
    user_id = current_visitor().user_id
    if user_id is None:
        raise SignInRequired
    return user_id


def sign_in(account: User) -> None:
    """Make the account the visitor of this request and of its session."""
    login_user(account)
    _forget()


def sign_out() -> None:
    """End the session; the visitor of this request is anonymous from here on."""
    logout_user()
    session.clear()
    _forget()


def grant(collection: Collection) -> None:
    """Open the collection to this session until its password changes."""
    sealed, key = seal(collection), GRANT + collection.uuid
    grants.store_seal(_visitor_id(), collection.id, sealed)
    session.pop(key, None)
    known = [name for name in session if name.startswith(GRANT)]
    for oldest in known[: max(0, len(known) + 1 - MOST_IN_COOKIE)]:
        session.pop(oldest)
    session[key] = sealed
    _forget()


def come_by_link(secret: str) -> share_links.LinkTarget:
    """Open a share link for this session, and keep its secret for passing on; raises NotFound or LinkEnded."""
    way = share_links.visit(secret, _visitor_id())
    _forget()
    secrets = [secret, *(each for each in _secrets() if each != secret)]
    session[CAME_BY] = sealed.seal(CAME_BY, secrets[:MOST_LINKS])
    return way


def link_to(collection: Collection) -> str | None:
    """The secret of the last open share link by which this session came into the collection; None without one."""
    secrets = _secrets()
    return share_links.first_valid(collection.id, secrets) if secrets else None


def _of_session() -> Visitor:
    seals = {key.removeprefix(GRANT): value for key, value in session.items() if key.startswith(GRANT)}
    browser = session.get(ID) or ""
    if not current_user.is_authenticated:
        return Visitor(browser=browser, seals=seals)
    who = current_user
    return Visitor(user_id=who.id, is_admin=who.is_admin, browser=browser, seals=seals, session=who.get_id())


def _forget() -> None:
    """Drop the visitor of this request, so that the next look reads the session again."""
    g.pop("visitor", None)


def _secrets() -> list[str]:
    kept = session.get(CAME_BY)
    return (sealed.opened(CAME_BY, kept) or []) if kept else []


def _visitor_id() -> str:
    return str(session.setdefault(ID, new_uuid()))
