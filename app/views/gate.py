"""What every view needs of its visitor: declared on it, looked at when the app starts, and enforced at every answer.

    @bp.get("/<collection_uuid>")
    @gate.needs(Action.BROWSE)
    def view(collection_uuid): ...

A view that declares an Action has to send its subject through `admit`; if it answers without, the answer is dropped.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request

from app.errors import NotFound, SignInRequired
from app.models import Collection, File, Scope
from app.services.access.rules import SCOPES, Action, authorize, require_scope
from app.views.visitors import current_visitor, visitor_of

View = TypeVar("View", bound=Callable[..., Any])


class Need(enum.StrEnum):
    """What a view that concerns no collection needs."""

    NOTHING = "nothing"
    ACCOUNT = "account"
    ADMIN = "admin"


NOTHING, ACCOUNT, ADMIN = Need.NOTHING, Need.ACCOUNT, Need.ADMIN
STATIC = ("static", "collections.static")  # Flask's own views of what lies in app/views


def needs(declared: Need | Action, scope: Scope = Scope.READ) -> Callable[[View], View]:
    """Declare what a view needs; goes below the decorators of the route.

    `scope` is what a token needs where the view concerns no collection; an Action says that by itself.
    """

    def mark(view: View) -> View:
        view.gate_needs = declared  # type: ignore[attr-defined]
        view.gate_scope = SCOPES[declared] if isinstance(declared, Action) else scope  # type: ignore[attr-defined]
        return view

    return mark


def declared(endpoint: str) -> Need | Action | None:
    """What the view of an endpoint needs; None if it does not say."""
    if endpoint in STATIC:
        return NOTHING
    return getattr(current_app.view_functions.get(endpoint), "gate_needs", None)


def scope_of(endpoint: str) -> Scope:
    """What a token needs at least for the view of an endpoint."""
    return getattr(current_app.view_functions.get(endpoint), "gate_scope", Scope.READ)


def register(app: Flask) -> None:
    """Enforce what is declared."""
    app.before_request(_require_account)
    app.after_request(_require_admission)


def check(app: Flask) -> None:
    """Raise RuntimeError if a route says not what it needs."""
    with app.app_context():
        silent = sorted({rule.endpoint for rule in app.url_map.iter_rules() if declared(rule.endpoint) is None})
    if silent:
        raise RuntimeError(f"These routes do not declare what they need (gate.needs): {', '.join(silent)}")


def admit(subject: Collection | File, action: Action) -> None:
    """Return if the visitor of this request may; raises what `authorize` raises."""
    collection = subject.collection if isinstance(subject, File) else subject
    authorize(visitor_of(collection), subject, action)
    admitted(action)


def admitted(action: Action) -> None:
    """Note that the gate was asked for this action in this request, and let the visitor in."""
    g.setdefault("gate_admitted", set()).add(action)


def refused() -> None:
    """Note that this visitor is shown another way in, which is no answer of the view."""
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
    says_nothing = response.status_code >= 400 or request.method == "OPTIONS" or g.get("gate_refused")
    if isinstance(need, Action) and not says_nothing and need not in g.get("gate_admitted", ()):
        response.close()
        raise RuntimeError(f"{request.endpoint} answered without asking whether this visitor may {need}")
    return response
