"""Guesses at passwords of accounts and at links are limited."""

from __future__ import annotations

from contextlib import suppress

import pytest

from app import Proofsheet
from app.errors import Invalid
from app.services.accounts import accounts, one_time_links
from tests.security.apps import at
from tests.security.limits.asking import EMAIL, addresses, sign_in, statuses
from tests.support.studio import JSON, PASSWORD, Studio


@pytest.mark.parametrize("email", ["bea@example.com", "nobody@example.com"])
def test_sign_in_is_bounded_by_address_and_by_name_whether_or_not_there_is_such_an_account(
    app: Proofsheet, here: str, hashes: list[str], email: str
) -> None:
    with suppress(Invalid):
        Studio(app).photographer("bea@example.com")
    assert statuses(lambda _: sign_in(at(app, here), email), 22) == [401] * 20 + [429] * 2
    assert sign_in(at(app, here), "somebody.else@example.com").status_code == 429
    for _ in range(4):
        client = at(app, next(addresses))
        statuses(lambda _, client=client: sign_in(client, email.upper()), 20)
    assert sign_in(at(app, next(addresses)), f" {email}", PASSWORD).status_code == 429
    assert len(hashes) == 100


def test_present_password_is_guessed_twenty_times(app: Proofsheet, studio: Studio, hashes: list[str]) -> None:
    studio.photographer("eve@example.com")
    eve = studio.client("eve@example.com")
    del hashes[:]
    form = {"present": "wrong", "password": "another password"}
    assert statuses(lambda _: eve.post("/account/password", data=form), 22) == [422] * 20 + [429] * 2
    assert len(hashes) == 20
    assert eve.get("/account/").status_code == 200


@pytest.mark.parametrize("path", ["/s/x", "/auth/invitation/x", "/auth/new-password/x", "/auth/setup/x"])
def test_unknown_links_share_one_budget(app: Proofsheet, here: str, path: str) -> None:
    guesser = at(app, here)
    assert statuses(lambda number: guesser.get(f"{path}{number}"), 22) == [404] * 20 + [429] * 2
    assert guesser.get("/s/another", headers=JSON).json["error"]["code"] == "too_often"
    assert guesser.get("/auth/sign-in").status_code == 200


def test_forms_behind_an_invitation_are_limited(app: Proofsheet, here: str) -> None:
    with app.app_context():
        secret = one_time_links.invite(accounts.Role.PHOTOGRAPHER)
    form = {"name": "N", "email": EMAIL, "password": "short"}
    answers = statuses(lambda _: at(app, here).post(f"/auth/invitation/{secret}", data=form), 22)
    assert answers == [422] * 20 + [429] * 2
