"""`flask` as an administrator types it: what it does, what it says, and how it ends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from flask.testing import FlaskClient
from sqlalchemy import select

from app import Proofsheet, config
from app.models import Role, User, db
from app.services.accounts.accounts import authenticate
from tests.support.studio import JSON, PASSWORD, Studio


def flask(app: Proofsheet, *words: str, stdin: str | None = None) -> Result:
    return app.test_cli_runner().invoke(args=words, input=stdin)


def accounts(app: Proofsheet) -> list[tuple[str, str, str]]:
    with app.app_context():
        return [(user.email, user.name, user.role) for user in db.session.scalars(select(User).order_by(User.id))]


# --- flask users create --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "made"),
    [
        ((), ("ada@example.com", "", Role.PHOTOGRAPHER)),
        (("--role", "admin"), ("ada@example.com", "", Role.ADMIN)),
        (("--role", "photographer", "--name", "Ada Løvås"), ("ada@example.com", "Ada Løvås", Role.PHOTOGRAPHER)),
    ],
    ids=" ".join,
)
def test_account_is_made_with_a_password_from_standard_input(
    app: Proofsheet, words: tuple[str, ...], made: tuple[str, str, str]
) -> None:
    result = flask(app, "users", "create", " Ada@Example.com ", *words, "--password-stdin", stdin=f"{PASSWORD}\n")
    assert (result.exit_code, result.output) == (0, f"Created {made[2]} ada@example.com.\n")
    assert accounts(app) == [made]
    with app.app_context():
        assert authenticate("ada@example.com", PASSWORD)


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\nsecond line\n"])
def test_password_from_standard_input_is_its_first_line_as_it_is(app: Proofsheet, ending: str) -> None:
    odd = "  ünïcode pass "
    assert flask(app, "users", "create", "ada@example.com", "--password-stdin", stdin=odd + ending).exit_code == 0
    with app.app_context():
        assert authenticate("ada@example.com", odd)
        assert not authenticate("ada@example.com", odd.strip())


def test_password_is_asked_for_twice_and_not_shown(app: Proofsheet) -> None:
    result = flask(app, "users", "create", "ada@example.com", stdin=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0
    assert PASSWORD not in result.output
    with app.app_context():
        assert authenticate("ada@example.com", PASSWORD)


def test_password_repeated_differently_makes_no_account(app: Proofsheet) -> None:
    result = flask(app, "users", "create", "ada@example.com", stdin=f"{PASSWORD}\nanother password\n")
    assert result.exit_code == 1
    assert "do not match" in result.output
    assert accounts(app) == []


@pytest.mark.parametrize(
    ("email", "password", "problem"),
    [
        ("bob@example.com", "1234567", "Error: The password is too short: at least 8 characters.\n"),
        ("bob@example.com", "", "Error: The password is too short: at least 8 characters.\n"),
        ("ADA@example.com", PASSWORD, "Error: This address already has an account.\n"),
        ("bob", PASSWORD, "Error: This is not an email address.\n"),
        ("bob @example.com", PASSWORD, "Error: This is not an email address.\n"),
    ],
    ids=["short password", "no password", "taken", "no address", "space in the address"],
)
def test_account_that_cannot_be_made_is_one_line(
    app: Proofsheet, studio: Studio, email: str, password: str, problem: str
) -> None:
    studio.photographer("ada@example.com")
    result = flask(app, "users", "create", email, "--password-stdin", stdin=password)
    assert (result.exit_code, result.output) == (1, problem)
    assert len(accounts(app)) == 1


def test_unknown_role_is_refused(app: Proofsheet) -> None:
    result = flask(app, "users", "create", "a@example.com", "--role", "owner", "--password-stdin", stdin=PASSWORD)
    assert result.exit_code == 2
    assert "'owner' is not one of 'photographer', 'admin'" in result.output
    assert accounts(app) == []


# --- flask users setup-link ----------------------------------------------------------------


@pytest.mark.parametrize("base_url", ["https://photos.example.com", "https://photos.example.com/"])
def test_setup_link_makes_the_first_account(app: Proofsheet, client: FlaskClient, base_url: str) -> None:
    result = flask(app, "users", "setup-link", "--base-url", base_url)
    assert result.exit_code == 0
    found = re.fullmatch(r"No account yet\..*:\nhttps://photos\.example\.com(/[^/]\S+)\n", result.output)
    assert found
    form = {"email": "ada@example.com", "name": "Ada", "password": PASSWORD}
    assert client.post(found[1], data=form, headers=JSON).status_code < 400
    assert accounts(app) == [("ada@example.com", "Ada", Role.ADMIN)]


def test_setup_link_is_not_printed_once_an_account_exists(app: Proofsheet, studio: Studio) -> None:
    studio.photographer()
    result = flask(app, "users", "setup-link")
    assert (result.exit_code, result.output) == (0, "")


# --- from the shell ------------------------------------------------------------------------


def shell(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "SECRET_KEY": "only for tests"} | variables
    command = [sys.executable, "-m", "flask", *words]
    return subprocess.run(
        command, cwd=config.ROOT, env=environ, capture_output=True, text=True, check=False, timeout=60
    )


def test_flask_finds_the_app_with_no_variable_set(tmp_path: Path) -> None:
    found = shell("--help", DATABASE_URL=f"sqlite:///{tmp_path / 'none.db'}")
    assert found.returncode == 0, found.stderr
    assert re.search(r"^  users +Accounts of photographers", found.stdout, re.MULTILINE)


def test_invalid_setting_is_reported_in_one_line() -> None:
    ended = shell("users", "setup-link", MAX_UPLOAD_MB="lots")
    assert ended.returncode != 0
    assert ended.stderr == "proofsheet: MAX_UPLOAD_MB='lots' is not valid: it must be a whole number from 1 to 5000.\n"
