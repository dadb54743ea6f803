"""`flask users`: accounts of photographers and administrators."""

from __future__ import annotations

import sys
from typing import Any

import click
from flask import url_for
from flask.cli import AppGroup

from app.errors import AppError
from app.models import Role
from app.services.accounts import accounts, one_time_links
from app.services.accounts import setup_link as setup_links

BASE_URL = "http://127.0.0.1:5000"

users = AppGroup("users", help="Accounts of photographers and administrators.")


@users.command("create")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.PHOTOGRAPHER.value)
@click.option("--name", default="", help="The name that visitors see.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
def create_user(email: str, role: str, name: str, password_stdin: bool) -> None:
    """Create an account."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _asked_password()
    try:
        accounts.create(email, password, name=name, role=Role(role))
    except AppError as error:
        raise click.ClickException(error.message) from None
    click.echo(f"Created {role} {accounts.normalized_email(email)}.")


@users.command("list")
def list_users() -> None:
    """List the accounts, one per line: email, role, name."""
    for account in accounts.every():
        click.echo(f"{account.email}\t{account.role.value}\t{account.name}")


@users.command("password")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
def set_password(email: str, password_stdin: bool) -> None:
    """Set a new password and end all sessions of the account."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _asked_password()
    try:
        accounts.set_password(accounts.by_email(email).id, password)
    except AppError as error:
        raise click.ClickException(error.message) from None
    click.echo(f"{accounts.normalized_email(email)} has a new password and was signed out everywhere.")


@users.command("invite")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.PHOTOGRAPHER.value)
@click.option("--base-url", default=BASE_URL, show_default=True)
def invite(role: str, base_url: str) -> None:
    """Print an invitation link that creates one account and expires in a week."""
    click.echo(_address(base_url, "auth.invitation", secret=one_time_links.invite(Role(role))))


@users.command("reset-link")
@click.argument("email")
@click.option("--base-url", default=BASE_URL, show_default=True)
def reset_link(email: str, base_url: str) -> None:
    """Print a password reset link that works once and expires in a day."""
    try:
        secret = one_time_links.reset(accounts.by_email(email).id)
    except AppError as error:
        raise click.ClickException(error.message) from None
    click.echo(_address(base_url, "auth.new_password", secret=secret))


def _asked_password() -> str:
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


@users.command("setup-link")
@click.option("--base-url", default=BASE_URL, show_default=True)
def setup_link(base_url: str) -> None:
    """Print a one-time link that creates the first account; prints nothing if there is an account."""
    if not accounts.none_exist():
        return
    address = _address(base_url, "auth.setup", token=setup_links.new_token())
    click.echo(f"No account yet. Open this link within a day to create the first one:\n{address}")


def _address(base_url: str, endpoint: str, **values: Any) -> str:
    with click.get_current_context().obj.load_app().test_request_context():
        return base_url.rstrip("/") + url_for(endpoint, **values)
