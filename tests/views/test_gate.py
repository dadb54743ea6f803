"""Views must declare their access rule and check it; otherwise the start or the response fails."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Response

from app import Proofsheet
from app.models import Role, Scope
from app.services.access.rules import Action
from app.views import gate
from tests.support.studio import JSON, Studio


def add(app: Proofsheet, view: Callable[[], str], path: str = "/new") -> None:
    app.add_url_rule(path, "new", view)


def test_route_without_a_declared_action_stops_the_start(app: Proofsheet) -> None:
    gate.check(app)
    add(app, lambda: "all that there is")
    with pytest.raises(RuntimeError, match=r"gate\.needs.*: new"):
        gate.check(app)


@pytest.mark.parametrize("action", Action)
def test_view_that_does_not_check_access_gives_no_answer(app: Proofsheet, action: Action) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    add(app, gate.needs(action)(lambda: "somebody's photograph"))
    answer = app.test_client().get("/new")
    assert answer.status_code == 500
    assert b"photograph" not in answer.data


@pytest.mark.parametrize(("status", "answered"), [(200, 500), (302, 500), (399, 500), (400, 400), (404, 404)])
def test_refusal_needs_no_admission(app: Proofsheet, status: int, answered: int) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    add(app, gate.needs(Action.BROWSE)(lambda: ("", status)))  # type: ignore[arg-type, return-value]
    assert app.test_client().get("/new").status_code == answered


@pytest.mark.parametrize(("endpoint", "need"), [("static", gate.NOTHING), ("collections.static", gate.NOTHING)])
def test_static_files_need_nothing_and_what_is_unknown_has_no_rule(
    app: Proofsheet, endpoint: str, need: gate.Need
) -> None:
    with app.app_context():
        assert gate.declared(endpoint) is need
        assert [gate.declared(unknown) for unknown in ("", "stat", "collections")] == [None] * 3


@pytest.mark.parametrize(("scope", "status"), [(Scope.READ, 403), (Scope.UPLOAD, 403), (Scope.MANAGE, 200)])
def test_token_needs_the_scope_that_the_view_declares(
    app: Proofsheet, studio: Studio, scope: Scope, status: int
) -> None:
    add(app, gate.needs(gate.ACCOUNT, Scope.MANAGE)(lambda: "the house"), "/api/v1/new")
    assert studio.program(studio.photographer(), scope).get("/api/v1/new").status_code == status


def test_check_of_a_lesser_action_does_not_count(app: Proofsheet, studio: Studio) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def view() -> str:
        gate.admitted(Action.BROWSE)
        return "an original"

    add(app, gate.needs(Action.DOWNLOAD)(view))
    assert studio.client().get("/new").status_code == 500


@pytest.mark.parametrize(
    ("need", "anonymous", "photographer", "admin"),
    [(gate.NOTHING, 200, 200, 200), (gate.ACCOUNT, 401, 200, 200), (gate.ADMIN, 401, 404, 200)],
)
def test_accounts_are_asked_for_before_the_view(
    app: Proofsheet, studio: Studio, need: gate.Need, anonymous: int, photographer: int, admin: int
) -> None:
    add(app, gate.needs(need)(lambda: "the house"))
    studio.photographer("ada@example.com")
    studio.photographer("boss@example.com", role=Role.ADMIN)
    people = (None, "ada@example.com", "boss@example.com")
    answers = [studio.client(person).get("/new", headers=JSON).status_code for person in people]
    assert answers == [anonymous, photographer, admin]


def test_file_of_an_answer_that_is_dropped_is_closed(app: Proofsheet) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    closed: list[bool] = []

    def view() -> Response:
        answer = Response("a photograph")
        answer.call_on_close(lambda: closed.append(True))
        return answer

    add(app, gate.needs(Action.BROWSE)(view))  # type: ignore[arg-type]
    assert app.test_client().get("/new").status_code == 500
    assert closed == [True]


def test_sign_in_page_in_place_of_a_view_needs_no_access_check(app: Proofsheet) -> None:
    def view() -> str:
        gate.refused()
        return "Sign in"

    add(app, gate.needs(Action.BROWSE)(view))
    assert app.test_client().get("/new").status_code == 200
    assert app.test_client().options("/new").status_code == 200


@pytest.mark.parametrize(
    ("needed", "scope", "expected"),
    [
        (gate.ACCOUNT, Scope.MANAGE, Scope.MANAGE),
        (gate.ACCOUNT, Scope.READ, Scope.READ),
        (Action.BROWSE, Scope.READ, Scope.READ),
        (Action.DOWNLOAD, Scope.READ, Scope.READ),
        (Action.UPLOAD, Scope.READ, Scope.UPLOAD),
        (Action.MANAGE, Scope.READ, Scope.MANAGE),
    ],
)
def test_scope_that_a_token_needs_is_that_of_the_action_or_the_one_declared(
    app: Proofsheet, needed: gate.Need | Action, scope: Scope, expected: Scope
) -> None:
    add(app, gate.needs(needed, scope)(lambda: "anything"))
    with app.app_context():
        assert gate.scope_of("new") is expected
