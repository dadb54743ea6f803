"""The one-time link that creates the first account."""

from __future__ import annotations

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.services.accounts import accounts

LIFETIME_SECONDS = 24 * 3600


def new_token() -> str:
    """Return a token for the setup link, valid for a day."""
    return str(_serializer().dumps("first account"))


def is_valid(token: str) -> bool:
    """Return whether the token is signed by this server, at most a day old, and there is no account yet."""
    try:
        _serializer().loads(token, max_age=LIFETIME_SECONDS)
    except BadSignature:
        return False
    return accounts.none_exist()


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="setup-link")
