"""`flask users`: accounts of photographers and administrators."""

from __future__ import annotations

import sys

import click
from flask import url_for
from flask.cli import AppGroup

from app.errors import AppError
from app.models import Role
from app.services import accounts, setup_links

users = AppGroup("users", help="Accounts of photographers and administrators.")


@users.command("create")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.PHOTOGRAPHER.value)
@click.option("--name", default="", help="The name that visitors see.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
def create_user(email: str, role: str, name: str, password_stdin: bool) -> None:
    """Make an account."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _asked_password()
    try:
        accounts.create(email, password, name=name, role=Role(role))
    except AppError as error:
        raise click.ClickException(error.message) from None
    click.echo(f"Made {role} {accounts.normal(email)}.")


def _asked_password() -> str:
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


@users.command("setup-link")
@click.option("--base-url", default="http://127.0.0.1:5000", show_default=True)
def setup_link(base_url: str) -> None:
    """Print the one-time link that makes the first account; nothing if there is an account."""
    if not accounts.none_yet():
        return
    click.echo(
        f"No account yet. Open this link within a day to make the first one:\n{base_url.rstrip('/')}{_setup_path()}"
    )


def _setup_path() -> str:
    with click.get_current_context().obj.load_app().test_request_context():
        return url_for("auth.setup", token=setup_links.new_token())
