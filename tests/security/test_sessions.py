"""Sessions: signed, replaced at sign-in, ended by a new password; sign-in does not reveal accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from app.errors import NOT_FOUND
from app.models import OneTimeLink, User, db, utc_now
from app.services.accounts import accounts, one_time_links
from tests.security.house import Furnished, built, forged
from tests.support.house import OTHER, OWNER, session_of
from tests.support.studio import JSON, PASSWORD, Studio

NEW = "another long password"
MINE = "/collections/"


pytestmark = pytest.mark.usefixtures("put_back")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    with built(tmp_path_factory.mktemp("sessions")) as house:
        yield house


def signed_in(client: FlaskClient) -> bool:
    return client.get(MINE, headers=JSON).status_code == 200


def sign_in(client: FlaskClient, email: str = OWNER, password: str = PASSWORD) -> Any:
    return client.post("/auth/sign-in", data={"email": email, "password": password})


# --- whose it is ------------------------------------------------------------------------------


def cookie_of(headers: dict[str, str]) -> str:
    return headers["Cookie"].removeprefix("session=")


def flipped(cookie: str) -> str:
    """With another letter in the middle of what it says."""
    return cookie[:20] + ("A" if cookie[20] != "A" else "B") + cookie[21:]


TAMPERED = {
    "of another key": lambda house: cookie_of(forged(house)),
    "of an empty key": lambda house: cookie_of(forged(house, " ")),
    "of the salt as key": lambda house: cookie_of(forged(house, "cookie-session")),
    "changed": lambda house: flipped(cookie_of(house.visitors["owner"])),
    "cut short": lambda house: cookie_of(house.visitors["owner"])[:-1],
    "without signature": lambda house: cookie_of(house.visitors["owner"]).rpartition(".")[0],
    "with another's signature": lambda house: (
        cookie_of(house.visitors["owner"]).rpartition(".")[0]
        + "."
        + cookie_of(house.visitors["admin"]).rpartition(".")[2]
    ),
    "empty": lambda _: "",
    "not one at all": lambda _: "\x7f" * 50,
    "of before the password changed": lambda house: cookie_of(house.visitors["ended session"]),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_tampered_session_is_anonymous(house: Furnished, how: str) -> None:
    client = house.app.test_client(use_cookies=False)
    headers = JSON | {"Cookie": f"session={TAMPERED[how](house)}"}
    assert client.get(MINE, headers=headers).status_code == 401
    private = house.place("anonymous", "private")
    assert client.get(f"/collections/{private.collection_uuid}", headers=headers).status_code == 404


@pytest.mark.parametrize("user_id", ["1", "1.1", "1.2.3", "0.2", "-1.2", "99.1", "1e0.2", "", "None", "1;2", "²"])
def test_session_of_another_version_or_account_is_anonymous(house: Furnished, user_id: str) -> None:
    client = house.app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = user_id, True
    assert not signed_in(client)


# --- begun anew -------------------------------------------------------------------------------


def test_anonymous_session_data_is_dropped_at_sign_in(house: Furnished) -> None:
    """An attacker who planted it in the browser would know it."""
    client, place = house.app.test_client(), house.place("link", "private")
    client.get(f"/s/{place.links['link']}")
    client.get("/auth/sign-in")
    with client.session_transaction() as session:
        session["planted"] = "by somebody"
        before = dict(session)
    sign_in(client, OTHER)
    with client.session_transaction() as session:
        after = dict(session)
    assert {"visitor", "csrf_token", "planted"} <= before.keys()
    assert not {"planted", "visitor"} & after.keys()
    assert after.get("csrf_token") != before["csrf_token"]
    assert client.get(f"/collections/{place.collection_uuid}").status_code == 404


def test_session_from_before_sign_in_stays_anonymous(house: Furnished) -> None:
    client = house.app.test_client()
    client.get("/auth/sign-in")
    before = session_of(client)
    sign_in(client)
    assert signed_in(client)
    assert house.app.test_client(use_cookies=False).get(MINE, headers=JSON | before).status_code == 401


def test_sign_in_as_another_account_drops_data_of_the_first(house: Furnished) -> None:
    client, place = house.app.test_client(), house.place("owner", "private")
    sign_in(client)
    assert client.get(f"/collections/{place.collection_uuid}").status_code == 200
    sign_in(client, OTHER)
    assert client.get(f"/collections/{place.collection_uuid}").status_code == 404


def test_sign_out_clears_the_session(house: Furnished) -> None:
    client, place = house.app.test_client(), house.place("link", "private")
    sign_in(client, OTHER)
    client.get(f"/s/{place.links['link']}")
    assert client.get(f"/collections/{place.collection_uuid}").status_code == 200
    client.post("/auth/sign-out")
    with client.session_transaction() as session:
        assert set(session) <= {"_flashes", "csrf_token"}
    assert client.get(f"/collections/{place.collection_uuid}").status_code == 404


# --- another password ---------------------------------------------------------------------------


def by_form(house: Furnished, client: FlaskClient) -> None:
    answer = client.post("/account/password", data={"present": PASSWORD, "password": NEW})
    assert answer.status_code == 302


def by_link(house: Furnished, client: FlaskClient) -> None:
    answer = house.app.test_client().post(f"/auth/new-password/{house.values['forgotten']}", data={"password": NEW})
    assert answer.status_code == 302


def by_command(house: Furnished, client: FlaskClient) -> None:
    with house.app.app_context():
        accounts.set_password(house.owner_id, NEW)


@pytest.mark.parametrize(("way", "stays"), [(by_form, True), (by_link, False), (by_command, False)])
def test_new_password_ends_the_other_sessions(house: Furnished, way: Any, *, stays: bool) -> None:
    here, there = house.app.test_client(), house.app.test_client()
    sign_in(here), sign_in(there)
    copied = session_of(here)
    way(house, here)
    assert (signed_in(here), signed_in(there)) == (stays, False)
    assert house.app.test_client(use_cookies=False).get(MINE, headers=JSON | copied).status_code == 401


@pytest.mark.parametrize("way", [by_form, by_link, by_command])
def test_new_password_ends_reset_links(house: Furnished, way: Any) -> None:
    """An older mail could otherwise be used to set it again."""
    with house.app.app_context():
        older, others = one_time_links.reset(house.owner_id), one_time_links.reset(house.owner_id + 1)
    client = house.app.test_client()
    sign_in(client)
    way(house, client)
    guest = house.app.test_client()
    assert guest.post(f"/auth/new-password/{older}", data={"password": "a third password"}).status_code == 404
    assert guest.get(f"/auth/new-password/{others}").status_code == 200
    assert guest.get(f"/auth/invitation/{house.values['invitation']}").status_code == 200


def test_one_time_links_work_once_in_time_and_for_their_purpose(house: Furnished) -> None:
    guest, forgotten = house.app.test_client(), house.values["forgotten"]
    assert guest.get(f"/auth/invitation/{forgotten}").status_code == 404
    assert guest.get(f"/auth/new-password/{house.values['invitation']}").status_code == 404
    assert guest.post(f"/auth/new-password/{forgotten}", data={"password": NEW}).status_code == 302
    assert guest.post(f"/auth/new-password/{forgotten}", data={"password": NEW}).status_code == 404
    with house.app.app_context():
        db.session.execute(update(OneTimeLink).values(expires_at=utc_now() - timedelta(seconds=1)))
        db.session.commit()
    assert guest.get(f"/auth/invitation/{house.values['invitation']}").status_code == 404


# --- sign-in tells nothing ----------------------------------------------------------------------

GUESSES = {
    "wrong password": (OWNER, "wrong password"),
    "nobody's address": ("nobody@example.com", PASSWORD),
    "an administrator's": ("boss@example.com", "wrong password"),
    "another case": ("ADA@example.com", "wrong password"),
    "a password of 999": (OWNER, "x" * 999),
    "a quote": ("' OR '1'='1", PASSWORD),
    "an address of no site": ("ada", PASSWORD),
}


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("guess", GUESSES)
def test_sign_in_answers_all_wrong_guesses_the_same_way(
    house: Furnished, monkeypatch: pytest.MonkeyPatch, guess: str, *, as_json: bool
) -> None:
    """In words, in headers, and in what takes the time: one hash is compared, with an account or without."""
    compared: list[str] = []
    monkeypatch.setattr(accounts, "check_password_hash", lambda hashed, _: compared.append(hashed))
    answers = []
    for email, password in (GUESSES["wrong password"], GUESSES[guess]):
        form = {"email": email, "password": password}
        answer = house.app.test_client().post("/auth/sign-in", data=form, headers=JSON if as_json else {})
        words = re.sub(r'(csrf-token" content|name="csrf_token" type="hidden" value|value)="[^"]*"', "", answer.text)
        answers.append((answer.status_code, words, sorted(answer.headers.keys()), "Location" in answer.headers))
    assert answers[0] == answers[1]
    assert answers[0][0] == 401
    assert len(compared) == 2
    assert {hashed.split("$")[0] for hashed in compared} == {accounts.DUMMY_HASH.split("$")[0]}


@pytest.mark.parametrize("kind", ["private", "nothing"])
def test_password_page_reveals_nothing_private(house: Furnished, kind: str) -> None:
    place, client = house.place("anonymous", "private"), house.app.test_client()
    uuid = place.collection_uuid if kind == "private" else "00000000-0000-0000-0000-000000000000"
    answer = client.post(f"/collections/{uuid}/password", data={"password": PASSWORD}, headers=JSON)
    assert (answer.status_code, answer.json) == (404, {"error": {"code": "not_found", "message": NOT_FOUND}})


def test_roles_count_from_the_next_request(house: Furnished) -> None:
    client = house.app.test_client()
    sign_in(client, "boss@example.com")
    assert client.get("/account/people").status_code == 200
    with house.app.app_context():
        db.session.execute(update(User).where(User.email == "boss@example.com").values(role="photographer"))
        db.session.commit()
    assert client.get("/account/people", headers=JSON).status_code == 404
    private = house.place("admin", "private")
    assert client.get(f"/collections/{private.collection_uuid}", headers=JSON).status_code == 404


def test_visitor_gets_one_cookie(client: FlaskClient, studio: Studio) -> None:
    address = f"/collections/{studio.collection(studio.photographer())}"
    assert [len(client.get(address).headers.getlist("Set-Cookie")) for _ in range(3)] == [1, 0, 0]
