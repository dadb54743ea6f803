"""The door of programs: below /api/ nobody is known by a cookie, and nowhere else is anybody known by a token."""

from __future__ import annotations

from flask import Request, g, request

from app.errors import TokenInvalid, TokenRequired
from app.services.access.rules import Visitor
from app.services.accounts import api_tokens

API = "/api/"
SCHEME = "bearer"


def is_api(request: Request) -> bool:
    """Whether a program asks rather than a page."""
    return request.path.startswith(API)


def visitor() -> Visitor:
    """Look up the visitor that the token of this request stands for; raises TokenRequired or TokenInvalid.

    The token of an administrator gives no rights over the collections of other accounts.
    """
    token = api_tokens.by_secret(secret_in(request.headers.get("Authorization", "")))
    if token is None:
        raise TokenInvalid
    g.bearer_token = token.uuid
    return Visitor(user_id=token.user_id, scope=token.scope)


def token_uuid() -> str | None:
    """Which token spoke for this request's visitor."""
    found: str | None = g.get("bearer_token")
    return found


def secret_in(header: str) -> str:
    """What the header Authorization has for a token; raises TokenRequired without one."""
    scheme, _, secret = header.strip(" ").partition(" ")
    if scheme.lower() != SCHEME:
        raise TokenRequired
    return secret.strip(" ")
