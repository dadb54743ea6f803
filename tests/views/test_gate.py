"""Views say what they need, at start-up and at every answer; what says nothing, or does not ask, gives nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app import Proofsheet
from app.models import Role
from app.services.access.rules import Action
from app.views import gate
from tests.support.studio import JSON, Studio


def add(app: Proofsheet, view: Callable[[], str], path: str = "/new") -> None:
    app.add_url_rule(path, "new", view)


def test_a_route_that_does_not_say_what_it_needs_ends_the_start(app: Proofsheet) -> None:
    gate.check(app)
    add(app, lambda: "all that there is")
    with pytest.raises(RuntimeError, match=r"gate\.needs.*: new"):
        gate.check(app)


@pytest.mark.parametrize("action", Action)
def test_a_view_that_does_not_ask_gives_nothing(app: Proofsheet, action: Action) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    add(app, gate.needs(action)(lambda: "somebody's photograph"))
    answer = app.test_client().get("/new")
    assert answer.status_code == 500
    assert b"photograph" not in answer.data


def test_asking_for_less_is_not_asking(app: Proofsheet, studio: Studio) -> None:
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
