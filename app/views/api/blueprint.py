"""The blueprint of the JSON API.

Visitors are identified by a token only (`app.views.bearer`), not by a cookie, so no CSRF token is needed. Access rules,
services, delivery and errors are the same as for pages.
"""

from __future__ import annotations

from flask import Blueprint, Response

from app.extensions import csrf
from app.views.visitors import current_visitor

bp = Blueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(bp)


@bp.before_request
def _require_token() -> None:
    """Reject requests without a valid token before a view runs."""
    current_visitor()


@bp.after_request
def _no_store(response: Response) -> Response:
    """Keep caches from storing responses, which depend on the token."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response
