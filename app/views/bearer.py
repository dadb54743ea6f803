"""Bearer tokens: below /api/ a visitor is identified by a token only, everywhere else by the session cookie only."""

from __future__ import annotations

from flask import Request, g, request

from app.errors import TokenInvalid, TokenRequired
from app.services.access.rules import Visitor
from app.services.accounts import api_tokens

API = "/api/"
SCHEME = "bearer"


def is_api(request: Request) -> bool:
    """Whether the request is for the API."""
    return request.path.startswith(API)


def visitor() -> Visitor:
    """Return the visitor for the token of this request; raises TokenRequired or TokenInvalid.

    The token of an administrator gives no rights over the collections of other accounts.
    """
    token = api_tokens.by_secret(secret_in(request.headers.get("Authorization", "")))
    if token is None:
        raise TokenInvalid
    g.bearer_token = token.uuid
    return Visitor(user_id=token.user_id, scope=token.scope)


def token_uuid() -> str | None:
    """The UUID of the token of this request; None without a valid token."""
    found: str | None = g.get("bearer_token")
    return found


def secret_in(header: str) -> str:
    """The token in an Authorization header; raises TokenRequired if the scheme is not Bearer."""
    scheme, _, secret = header.strip(" ").partition(" ")
    if scheme.lower() != SCHEME:
        raise TokenRequired
    return secret.strip(" ")
