"""Signing in and out, and the first account."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from app import Proofsheet
from app.models import User, db
from app.services.accounts import setup_link
from tests.support.studio import JSON, PASSWORD, Studio


@pytest.mark.parametrize("email", ["ada@example.com", " ADA@Example.com "])
def test_right_password_opens_the_list(client: FlaskClient, studio: Studio, email: str) -> None:
    studio.photographer()
    answer = client.post("/auth/sign-in", data={"email": email, "password": PASSWORD})
    assert answer.headers["Location"] == "/collections/"
    assert client.get("/collections/").status_code == 200


@pytest.mark.parametrize(
    ("email", "password"), [("ada@example.com", "wrong"), ("nobody@example.com", PASSWORD), ("", ""), ("x" * 999, "x")]
)
def test_wrong_sign_in_has_the_same_message_for_every_account(
    client: FlaskClient, studio: Studio, email: str, password: str
) -> None:
    studio.photographer()
    form = {"email": email, "password": password}
    assert client.post("/auth/sign-in", data=form).status_code == 401
    error = client.post("/auth/sign-in", data=form, headers=JSON).json["error"]
    assert error["message"] == "Wrong email or password."


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/collections/new", "/collections/new"),
        ("https://evil.example/", "/collections/"),
        ("//evil.example/", "/collections/"),
        ("/\\evil.example/", "/collections/"),
        ("javascript:alert(1)", "/collections/"),
        ("", "/collections/"),
    ],
)
def test_next_leads_to_own_pages_only(client: FlaskClient, studio: Studio, target: str, location: str) -> None:
    studio.photographer()
    form = {"email": "ada@example.com", "password": PASSWORD, "next": target}
    assert client.post("/auth/sign-in", data=form).headers["Location"] == location


def test_sign_out_ends_the_session(studio: Studio) -> None:
    studio.photographer()
    client = studio.client("ada@example.com")
    client.post("/auth/sign-out")
    assert client.get("/collections/").status_code == 302


def setup_address(app: Proofsheet) -> str:
    with app.app_context():
        return f"/auth/setup/{setup_link.new_token()}"


def test_setup_link_makes_one_administrator_once(app: Proofsheet, client: FlaskClient) -> None:
    address = setup_address(app)
    form = {"name": "Ada", "email": "ada@example.com", "password": PASSWORD}
    assert client.get(address).status_code == 200
    assert client.post(address, data=form | {"password": "short"}).status_code == 422
    assert client.post(address, data=form).location == "/collections/"
    assert "Your account is ready" in client.get("/collections/").text
    assert client.post(address, data=form | {"email": "eve@example.com"}).status_code == 404
    with app.app_context():
        assert [(user.email, user.is_admin) for user in db.session.query(User)] == [("ada@example.com", True)]


def test_forged_setup_link_is_404(client: FlaskClient) -> None:
    assert client.get("/auth/setup/forged").status_code == 404


class TestLimits:
    """Guesses are counted; right answers are not."""

    @pytest.fixture
    def settings(self, settings: dict[str, Any]) -> dict[str, Any]:
        return settings | {"RATELIMIT_ENABLED": True}

    def test_sign_in_stops_after_twenty_wrong_guesses(self, client: FlaskClient, studio: Studio) -> None:
        studio.photographer()
        form = {"email": "ada@example.com", "password": "wrong"}
        answers = [client.post("/auth/sign-in", data=form).status_code for _ in range(22)]
        assert answers == [401] * 20 + [429] * 2

    def test_right_sign_ins_are_not_counted(self, studio: Studio) -> None:
        studio.photographer()
        for _ in range(25):
            studio.client("ada@example.com")
