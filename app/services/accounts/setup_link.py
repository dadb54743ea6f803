"""The one-time link with which the first account is made."""

from __future__ import annotations

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.services.accounts import accounts

LIFETIME_SECONDS = 24 * 3600


def new_token() -> str:
    """A token that makes the first account within a day."""
    return str(_serializer().dumps("first account"))


def is_valid(token: str) -> bool:
    """Whether the token is ours, not a day old, and there is still no account."""
    try:
        _serializer().loads(token, max_age=LIFETIME_SECONDS)
    except BadSignature:
        return False
    return accounts.none_yet()


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="setup-link")
