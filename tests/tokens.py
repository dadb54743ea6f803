"""Programs that come with an API token."""

from __future__ import annotations

from datetime import datetime

from flask.testing import FlaskClient

from app import Proofsheet
from app.models import Scope
from app.services.accounts import api_tokens


def secret_of(app: Proofsheet, user_id: int, scope: Scope, expires_at: datetime | None = None) -> str:
    """A new token of an account."""
    with app.app_context():
        return api_tokens.make(user_id, name="a program", scope=scope, expires_at=expires_at).secret


def program(app: Proofsheet, user_id: int, scope: Scope) -> FlaskClient:
    """A client that sends a token with every request."""
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret_of(app, user_id, scope)}"
    return client
