"""Accounts by invitation, new passwords, and what ends when a password changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from threading import Barrier, Thread

import pytest
from flask.testing import FlaskClient

from app import Proofsheet
from app.errors import Conflict, Invalid, NotFound
from app.models import OneTimeLink, OneTimePurpose, Role, User, db
from app.services.accounts import accounts, one_time_links
from tests.support.studio import JSON, PASSWORD, Studio

ADA, EVE, BOSS = "ada@example.com", "eve@example.com", "boss@example.com"
NEW = "another long password"
SOMEBODY = {"name": "Grace", "email": "grace@example.com", "password": NEW}


@pytest.fixture
def boss(studio: Studio) -> FlaskClient:
    """An administrator, in a house where Ada works."""
    studio.photographer(ADA)
    studio.photographer(BOSS, role=Role.ADMIN)
    return studio.client(BOSS)


def made(boss: FlaskClient, path: str, **form: str) -> str:
    """The path of a link that was just made."""
    return address(boss.post(path, data=form, follow_redirects=True).text)


def address(page: str) -> str:
    """The path in the field that shows a link that was just made."""
    return page.split('value="http://localhost', 2)[1].split('"')[0]


def may_sign_in(app: Proofsheet, email: str, password: str) -> bool:
    with app.app_context():
        return accounts.authenticate(email, password) is not None


def test_changed_password_ends_the_other_sessions_and_keeps_this_one(studio: Studio, app: Proofsheet) -> None:
    studio.photographer(ADA)
    desk, phone = studio.client(ADA), studio.client(ADA)
    form = {"present": PASSWORD, "password": NEW}
    assert desk.post("/account/password", data=form).status_code == 302
    assert desk.get("/collections/").status_code == 200
    assert phone.get("/collections/", headers=JSON).status_code == 401
    assert (may_sign_in(app, ADA, PASSWORD), may_sign_in(app, ADA, NEW)) == (False, True)


@pytest.mark.parametrize(
    ("present", "password"), [("wrong", NEW), ("", NEW), (PASSWORD, "short"), (PASSWORD, ""), (PASSWORD, "x" * 1001)]
)
def test_password_is_not_changed_without_the_present_one_or_to_a_weak_one(
    studio: Studio, app: Proofsheet, present: str, password: str
) -> None:
    studio.photographer(ADA)
    desk, phone = studio.client(ADA), studio.client(ADA)
    answer = desk.post("/account/password", data={"present": present, "password": password})
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert may_sign_in(app, ADA, PASSWORD)
    assert phone.get("/collections/").status_code == 200


def test_session_from_before_there_were_versions_lasts_until_the_password_changes(
    studio: Studio, client: FlaskClient, app: Proofsheet
) -> None:
    user_id = studio.photographer(ADA)
    with client.session_transaction() as session:
        session["_user_id"] = str(user_id)
    assert client.get("/collections/").status_code == 200
    with app.app_context():
        accounts.set_password(user_id, NEW)
    assert client.get("/collections/", headers=JSON).status_code == 401


@pytest.mark.parametrize("kept", ["", ".", "1.", ".1", "1.2", "x", "9", "1.1.1", "²"])
def test_unknown_session_ids_are_anonymous(studio: Studio, app: Proofsheet, kept: str) -> None:
    studio.photographer(ADA)
    with app.app_context():
        found = accounts.of_session(kept)
        assert found is None or kept == "1."  # which says no version, as before


@pytest.mark.parametrize("role", Role)
def test_invitation_makes_one_account_with_its_role(boss: FlaskClient, app: Proofsheet, role: Role) -> None:
    path, guest = made(boss, "/account/people/invitation", role=role), app.test_client()
    assert guest.get(path).status_code == 200
    assert guest.post(path, data=SOMEBODY | {"password": "short"}).status_code == 422
    assert guest.post(path, data=SOMEBODY | {"email": ADA}).status_code == 422
    assert guest.post(path, data=SOMEBODY).location == "/collections/"
    assert guest.get("/collections/").status_code == 200
    assert guest.post(path, data=SOMEBODY | {"email": EVE}).status_code == 404
    with app.app_context():
        assert accounts.by_email("grace@example.com").role == role
        assert len(accounts.every()) == 3
    assert path.rsplit("/", 1)[1] not in boss.get("/account/people").text


def test_reset_link_works_once_and_ends_sessions(boss: FlaskClient, studio: Studio, app: Proofsheet) -> None:
    desk = studio.client(ADA)
    path, guest = made(boss, "/account/people/1/password"), app.test_client()
    assert guest.post(path, data={"password": "short"}).status_code == 422
    assert guest.post(path, data={"password": NEW}).location == "/collections/"
    assert guest.get("/collections/").status_code == 200
    assert guest.post(path, data={"password": NEW + "!"}).status_code == 404
    assert may_sign_in(app, ADA, NEW)
    assert desk.get("/collections/", headers=JSON).status_code == 401


def test_reset_link_signs_in_only_to_its_account(boss: FlaskClient) -> None:
    path = made(boss, "/account/people/1/password")
    assert boss.post(path, data={"password": NEW}).location == "/collections/"
    assert boss.get("/account/people").status_code == 404
    assert ADA in boss.get("/account/").text


def test_links_expire_and_open_nothing_else(boss: FlaskClient, app: Proofsheet) -> None:
    path = made(boss, "/account/people/invitation")
    secret = path.rsplit("/", 1)[1]
    guest = app.test_client()
    assert guest.get(f"/auth/new-password/{secret}").status_code == 404
    with app.app_context():
        db.session.execute(db.update(OneTimeLink).values(expires_at=datetime(2020, 1, 1, tzinfo=UTC)))
        db.session.commit()
    assert guest.get(path).status_code == 404
    assert guest.post(path, data=SOMEBODY).status_code == 404


def both_at_once(app: Proofsheet, act: Callable[[str], object]) -> list[str]:
    """The results of two simultaneous calls, each with another email address."""
    results: list[str] = []
    start = Barrier(2, timeout=60)

    def one(email: str) -> None:
        with app.app_context():
            start.wait()
            try:
                act(email)
                results.append("in")
            except (Invalid, NotFound):
                results.append("late")

    threads = [Thread(target=one, args=(f"{number}@example.com",)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(results)


def test_invitation_used_twice_at_once_makes_one_account(app: Proofsheet) -> None:
    with app.app_context():
        secret = one_time_links.invite(Role.PHOTOGRAPHER)
    accept = partial(one_time_links.accept_invitation, secret, name="", password=NEW)
    assert both_at_once(app, lambda email: accept(email=email)) == ["in", "late"]
    with app.app_context():
        assert len(accounts.every()) == 1


def test_first_account_is_made_once_in_a_race(app: Proofsheet) -> None:
    assert both_at_once(app, lambda email: accounts.create_first(email, NEW, name="")) == ["in", "late"]


@pytest.mark.parametrize("path", ["/account/people", "/account/people/invitation", "/account/people/1/password"])
def test_only_administrators_manage_accounts(boss: FlaskClient, studio: Studio, path: str) -> None:
    ada, anybody = studio.client(ADA), studio.client()
    for client, status in ((ada, 404), (anybody, 401)):
        for answer in (client.get(path, headers=JSON), client.post(path, headers=JSON)):
            assert answer.status_code in (status, 405)
    assert studio.client(ADA).get("/account/").status_code == 200


def test_roles_change_but_the_last_administrator_stays_one(boss: FlaskClient, app: Proofsheet) -> None:
    with app.app_context(), pytest.raises(Conflict):
        accounts.set_role(2, Role.PHOTOGRAPHER)
    assert boss.post("/account/people/1/role", data={"role": "admin"}).status_code == 302
    assert boss.post("/account/people/1/role", data={"role": "king"}).status_code == 400
    assert boss.post("/account/people/99/role", data={"role": "admin"}).status_code == 404
    with app.app_context():
        assert db.session.get_one(User, 1).is_admin
        accounts.set_role(2, Role.PHOTOGRAPHER)


def test_secrets_of_links_are_not_in_the_database(app: Proofsheet) -> None:
    with app.app_context():
        secret = one_time_links.invite(Role.ADMIN)
        row = db.session.scalars(db.select(OneTimeLink)).one()
        assert secret not in {str(value) for value in vars(row).values()}
        assert one_time_links.find(secret, OneTimePurpose.INVITATION).role == Role.ADMIN
