"""The visitor of a request: its account, and the collections that its session may open by password or share link."""

from __future__ import annotations

from dataclasses import replace

from flask import g, request, session
from flask_login import current_user, login_user, logout_user

from app.errors import SignInRequired
from app.models import Collection, User, new_uuid
from app.services.access import grants, share_links
from app.services.access.grants import decide
from app.services.access.rules import Visitor, seal
from app.services.accounts.accounts import in_session
from app.services.delivery.pictures import Picture
from app.views import bearer, sealed

GRANT = "collection_access_"
ID = "visitor"
SHARE_LINKS = "came_by"  # the secrets of the visitor's share links, to share them again: the database has only digests
MAX_LINKS = 6  # about 60 bytes each in the cookie
MAX_GRANTS = 20  # about 60 bytes each; browsers reject cookies over 4,096 bytes


def current_visitor() -> Visitor:
    """The visitor of this request, with the grants that `visitor_of` has loaded so far."""
    if "visitor" not in g:
        g.visitor = bearer.visitor() if bearer.is_api(request) else _of_session()
    found: Visitor = g.visitor
    return found


def visitor_of(collection: Collection) -> Visitor:
    """The visitor of this request with its grant for the collection, loaded once per request."""
    visitor = current_visitor()
    if collection.uuid not in visitor.grants:
        g.visitor = visitor = grants.with_grant(visitor, collection)
    return visitor


def visitor_of_picture(picture: Picture) -> Visitor:
    """The visitor of this request, from its session and what was read with the picture, without another statement."""
    account = picture.account
    session_id = session.get("_user_id") or ""
    if account is None or in_session(session_id) != (account.id, str(account.session_version)):
        visitor = Visitor(browser=browser_id(), seals=_seals())
    else:
        visitor = Visitor(account.id, account.is_admin, browser_id(), _seals(), session=session_id)
    grant = decide(visitor, picture.collection, lambda: picture.grant)
    return replace(visitor, grants={picture.collection.uuid: grant})


def session_account() -> int | None:
    """The id of the account that this session names, which may have ended."""
    return in_session(session.get("_user_id") or "")[0]


def browser_id() -> str:
    """The random id under which grants of this browser are stored, or ""."""
    return session.get(ID) or ""


def account_id() -> int:
    """The id of the visitor's account; raises SignInRequired if there is none."""
    user_id = current_visitor().user_id
    if user_id is None:
        raise SignInRequired
    return user_id


def sign_in(account: User) -> None:
    """Sign in an account in this session."""
    login_user(account)
    _forget()


def sign_out() -> None:
    """End the session; the visitor of this request becomes anonymous."""
    logout_user()
    session.clear()
    _forget()


def grant(collection: Collection) -> None:
    """Open the collection to this session until its password changes."""
    sealed, key = seal(collection), GRANT + collection.uuid
    grants.store_seal(_visitor_id(), collection.id, sealed)
    session.pop(key, None)
    known = [name for name in session if name.startswith(GRANT)]
    for oldest in known[: max(0, len(known) + 1 - MAX_GRANTS)]:
        session.pop(oldest)
    session[key] = sealed
    _forget()


def open_share_link(secret: str) -> share_links.LinkTarget:
    """Open a share link in this session, and store its secret for sharing; raises NotFound or LinkEnded."""
    way = share_links.visit(secret, _visitor_id())
    _forget()
    secrets = [secret, *(each for each in _secrets() if each != secret)]
    session[SHARE_LINKS] = sealed.seal(SHARE_LINKS, secrets[:MAX_LINKS])
    return way


def used_link(collection: Collection) -> str | None:
    """The secret of the latest valid share link with which this session opened the collection; None without one."""
    secrets = _secrets()
    return share_links.first_valid(collection.id, secrets) if secrets else None


def _of_session() -> Visitor:
    seals, browser = _seals(), browser_id()
    if not current_user.is_authenticated:
        return Visitor(browser=browser, seals=seals)
    who = current_user
    return Visitor(user_id=who.id, is_admin=who.is_admin, browser=browser, seals=seals, session=who.get_id())


def _seals() -> dict[str, str | bool]:
    return {key.removeprefix(GRANT): value for key, value in session.items() if key.startswith(GRANT)}


def _forget() -> None:
    """Drop the cached visitor of this request, so that the next call reads the session again."""
    g.pop("visitor", None)


def _secrets() -> list[str]:
    kept = session.get(SHARE_LINKS)
    return (sealed.opened(SHARE_LINKS, kept) or []) if kept else []


def _visitor_id() -> str:
    return str(session.setdefault(ID, new_uuid()))
