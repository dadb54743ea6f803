"""Access rules of the views: declared by a decorator, checked at start-up, and enforced in every request.

    @bp.get("/<collection_uuid>")
    @gate.needs(Action.BROWSE)
    def view(collection_uuid): ...

A view that declares an Action must call `admit` with its collection or file; otherwise its response is discarded.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request

from app.errors import NotFound, SignInRequired
from app.models import Collection, File, Scope
from app.services.access.rules import SCOPES, Action, allowed, authorize, require_scope
from app.services.delivery.pictures import Picture
from app.views.visitors import current_visitor, visitor_of, visitor_of_picture

View = TypeVar("View", bound=Callable[..., Any])


class Need(enum.StrEnum):
    """The access rule of a view that does not belong to a collection."""

    NOTHING = "nothing"
    ACCOUNT = "account"
    ADMIN = "admin"


NOTHING, ACCOUNT, ADMIN = Need.NOTHING, Need.ACCOUNT, Need.ADMIN
STATIC = ("static", "collections.static")  # Flask's views for static files


def needs(declared: Need | Action, scope: Scope = Scope.READ) -> Callable[[View], View]:
    """Declare the access rule of a view; place it below the route decorator.

    `scope` is the scope that a token needs; ignored for an Action, which has its own.
    """

    def mark(view: View) -> View:
        view.gate_needs = declared  # type: ignore[attr-defined]
        view.gate_scope = SCOPES[declared] if isinstance(declared, Action) else scope  # type: ignore[attr-defined]
        return view

    return mark


def declared(endpoint: str) -> Need | Action | None:
    """The access rule of an endpoint; None if it has none."""
    if endpoint in STATIC:
        return NOTHING
    return getattr(current_app.view_functions.get(endpoint), "gate_needs", None)


def scope_of(endpoint: str) -> Scope:
    """The smallest scope that a token needs for an endpoint."""
    return getattr(current_app.view_functions.get(endpoint), "gate_scope", Scope.READ)


def register(app: Flask) -> None:
    """Enforce the declared access rules in every request."""
    app.before_request(_require_account)
    app.after_request(_require_admission)


def check(app: Flask) -> None:
    """Raise RuntimeError if a route has no access rule."""
    with app.app_context():
        undeclared = sorted({rule.endpoint for rule in app.url_map.iter_rules() if declared(rule.endpoint) is None})
    if undeclared:
        raise RuntimeError(f"These routes have no access rule (gate.needs): {', '.join(undeclared)}")


def admit(subject: Collection | File, action: Action) -> None:
    """Return if the visitor of this request may do this; raises the errors of `authorize`."""
    collection = subject.collection if isinstance(subject, File) else subject
    authorize(visitor_of(collection), subject, action)
    admitted(action)


def admits(picture: Picture, action: Action) -> bool:
    """Whether the visitor of this request may do this with a picture; the values of the picture decide."""
    visitor = visitor_of_picture(picture)
    if not allowed(visitor, picture.collection, action):
        return False
    g.visitor = visitor
    admitted(action)
    return True


def admitted(action: Action) -> None:
    """Record that this action was authorized in this request."""
    g.setdefault("gate_admitted", set()).add(action)


def refused() -> None:
    """Record that the visitor is redirected to sign in or to enter a password, so the view need not be authorized."""
    g.gate_refused = True


def _require_account() -> None:
    need = declared(request.endpoint) if request.endpoint else NOTHING
    if need not in (ACCOUNT, ADMIN):
        return
    visitor = current_visitor()
    if visitor.user_id is None:
        raise SignInRequired
    if need is ADMIN and not visitor.is_admin:
        raise NotFound
    require_scope(visitor, scope_of(request.endpoint or ""))


def _require_admission(response: Response) -> Response:
    need = declared(request.endpoint) if request.endpoint else NOTHING
    reveals_nothing = response.status_code >= 400 or request.method == "OPTIONS" or g.get("gate_refused")
    if isinstance(need, Action) and not reveals_nothing and need not in g.get("gate_admitted", ()):
        response.close()
        raise RuntimeError(f"{request.endpoint} returned a response without checking access: {need}")
    return response
