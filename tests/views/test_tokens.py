"""The page of API tokens: made and shown once, listed, revoked one by one or all at once."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from app import Proofsheet
from app.models import ApiToken, Role, Scope, db
from tests.support.studio import JSON, PASSWORD, Studio

TOKEN = re.compile(r'value="(ps_[\w-]{32})"')


def made(owner: FlaskClient, **form: str) -> str:
    """A token that was made on the page."""
    form = {"name": "Backup", "scope": "read"} | form
    answer = owner.post("/account/tokens", data=form, follow_redirects=True)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    return TOKEN.findall(answer.text)[0]


def status(client: FlaskClient, secret: str) -> int:
    return client.get("/api/v1/collections", headers={"Authorization": f"Bearer {secret}"}).status_code


def uuids(app: Proofsheet) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(db.select(ApiToken.uuid).order_by(ApiToken.id)))


def test_token_is_shown_once_and_works(owner: FlaskClient) -> None:
    secret = made(owner, name="Nightly <backup>", scope="upload")
    assert status(owner, secret) == 200
    page = owner.get("/account/tokens").text
    assert secret not in page
    assert "Nightly &lt;backup&gt;" in page
    assert "View, download and upload" in page
    assert "Last used" in page


def test_revoked_token_does_not_work_and_is_not_listed(owner: FlaskClient, app: Proofsheet) -> None:
    first, second = made(owner), made(owner, name="Other")
    path = f"/account/tokens/{uuids(app)[0]}/revoke"
    assert owner.post(path).status_code == 302
    assert [status(owner, secret) for secret in (first, second)] == [401, 200]
    assert "Backup" not in owner.get("/account/tokens").text
    assert owner.post(path).status_code == 404


def test_all_tokens_are_revoked_at_once(owner: FlaskClient) -> None:
    secrets = [made(owner) for _ in range(2)]
    assert owner.post("/account/tokens/revoke").status_code == 302
    assert [status(owner, secret) for secret in secrets] == [401, 401]


def test_other_accounts_cannot_see_or_revoke_it(owner: FlaskClient, studio: Studio, app: Proofsheet) -> None:
    secret = made(owner, name="Ada's backup")
    studio.photographer("eve@example.com")
    eve = studio.client("eve@example.com")
    assert "Ada&#39;s" not in eve.get("/account/tokens").text
    assert eve.post(f"/account/tokens/{uuids(app)[0]}/revoke").status_code == 404
    assert eve.post("/account/tokens/revoke").status_code == 302
    assert status(owner, secret) == 200


@pytest.mark.parametrize(
    "form", [{"name": ""}, {"name": " "}, {"name": "x" * 121}, {"scope": "all"}, {"expires_at": "2020-01-01"}]
)
def test_invalid_tokens_are_refused_with_a_message(owner: FlaskClient, app: Proofsheet, form: dict[str, str]) -> None:
    answer = owner.post("/account/tokens", data={"name": "Backup", "scope": "read"} | form)
    assert answer.status_code == 422
    assert "field-error" in answer.text
    script = owner.post("/account/tokens", data={"name": "Backup", "scope": "read"} | form, headers=JSON)
    assert (script.status_code, list(script.json["error"]["fields"])) == (422, list(form))
    assert uuids(app) == []


def test_password_change_warns_that_tokens_still_work(owner: FlaskClient, studio: Studio, app: Proofsheet) -> None:
    form = {"present": PASSWORD, "password": "another password"}
    assert owner.post("/account/password", data=form).location == "/account/"
    secret = studio.token(1, Scope.READ)
    form = {"present": "another password", "password": PASSWORD}
    answer = owner.post("/account/password", data=form, follow_redirects=True)
    assert "Your API tokens still work" in answer.text
    assert answer.request.path == "/account/tokens"
    assert status(owner, secret) == 200


def test_administrator_revokes_the_tokens_of_an_account(owner: FlaskClient, studio: Studio, app: Proofsheet) -> None:
    secret, kept = made(owner), studio.token(studio.photographer("eve@example.com"), Scope.READ)
    studio.photographer("boss@example.com", role=Role.ADMIN)
    boss, path = studio.client("boss@example.com"), "/account/people/1/tokens/revoke"
    assert path in boss.get("/account/people").text
    assert owner.post(path).status_code == 404
    assert boss.post(path).status_code == 302
    assert [status(owner, each) for each in (secret, kept)] == [401, 200]
    assert path not in boss.get("/account/people").text
    assert boss.post("/account/people/99/tokens/revoke").status_code == 404
