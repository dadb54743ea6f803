"""New secrets are shown once, by one page after a redirect."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app import Proofsheet
from app.models import ApiToken, OneTimeLink, Role, ShareLink, db
from app.views import shown_once
from tests.support.studio import JSON, Studio

MADE = re.compile(r'id="made" class="numbers" value="([^"]+)"')
FORMS: dict[str, tuple[str, str, dict[str, str], type[db.Model]]] = {  # type: ignore[name-defined]
    "share link": ("/collections/{uuid}/links", "/collections/{uuid}/links", {"label": "Aunt"}, ShareLink),
    "invitation": ("/account/people/invitation", "/account/people", {"role": "photographer"}, OneTimeLink),
    "reset link": ("/account/people/1/password", "/account/people", {}, OneTimeLink),
    "token": ("/account/tokens", "/account/tokens", {"name": "Backup", "scope": "read"}, ApiToken),
}


@pytest.fixture
def boss(studio: Studio) -> FlaskClient:
    """An administrator's browser."""
    studio.photographer("ada@example.com", role=Role.ADMIN)
    return studio.client("ada@example.com")


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest, studio: Studio, boss: FlaskClient) -> Callable[[], str]:
    """Submits a form that makes a secret and returns the page that shows it."""
    uuid = studio.collection(1)
    path, page, data, _ = FORMS[request.param]

    def submit() -> str:
        answer = boss.post(path.format(uuid=uuid), data=data)
        assert (answer.status_code, answer.location) == (303, page.format(uuid=uuid))
        return str(answer.location)

    return submit


def test_secret_is_shown_once_and_not_stored_by_browsers(boss: FlaskClient, form: Callable[[], str]) -> None:
    page = form()
    assert boss.head(page).status_code == 200  # shows nothing, so takes nothing
    shown = boss.get(page)
    [secret] = MADE.findall(shown.text)
    assert shown.headers["Cache-Control"] == "no-store"
    assert secret not in boss.get(page).text


def test_page_of_something_else_does_not_show_it(boss: FlaskClient, form: Callable[[], str]) -> None:
    page = form()
    others = {"/account/people", "/account/tokens"} - {page}
    assert [MADE.findall(boss.get(other).text) for other in others] == [[]] * len(others)
    assert MADE.findall(boss.get(page).text)


def test_secret_cannot_be_read_in_the_cookie(boss: FlaskClient, form: Callable[[], str]) -> None:
    page = form()
    with boss.session_transaction() as session:
        kept = urlsafe_b64decode(session[shown_once.KEPT])
    secret = MADE.findall(boss.get(page).text)[0].rpartition("/")[2]
    assert secret.encode() not in kept
    assert b"path" not in kept


def test_secret_that_was_never_looked_at_is_shown_five_minutes_at_most(
    boss: FlaskClient, form: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = form()
    monkeypatch.setattr(shown_once, "LIFETIME_SECONDS", -1)
    assert MADE.findall(boss.get(page).text) == []


def test_secret_of_another_key_is_not_shown(app: Proofsheet, boss: FlaskClient, form: Callable[[], str]) -> None:
    page = form()
    old = app.config["SECRET_KEY"]
    app.config |= {"SECRET_KEY": "another key of many letters", "SECRET_KEY_FALLBACKS": [old]}
    answer = boss.get(page)
    assert (answer.status_code, MADE.findall(answer.text)) == (200, [])


@pytest.mark.parametrize("kind", FORMS)
def test_script_gets_the_secret_in_the_answer(studio: Studio, boss: FlaskClient, kind: str, app: Proofsheet) -> None:
    path, page, data, model = FORMS[kind]
    uuid = studio.collection(1)
    answer = boss.post(path.format(uuid=uuid), data=data, headers=JSON)
    [secret] = answer.json.values()
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    assert len(secret) > 30
    assert MADE.findall(boss.get(page.format(uuid=uuid)).text) == []
    with app.app_context():
        assert db.session.scalar(db.select(db.func.count()).select_from(model)) == 1
