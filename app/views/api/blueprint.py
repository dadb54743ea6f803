"""The JSON API: what all of it has in common.

Who asks is known by a token alone (`app.views.bearer`), so there is no cookie that another site could make use of, and
no CSRF token. Everything else is as on the pages: the same gate, services, delivery and errors.
"""

from __future__ import annotations

from flask import Blueprint, Response

from app.extensions import csrf
from app.views.visitors import current_visitor

bp = Blueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(bp)


@bp.before_request
def _require_token() -> None:
    """Refuse requests without a token before anything is looked up."""
    current_visitor()


@bp.after_request
def _keep_apart(response: Response) -> Response:
    """No cache gives one token's answer to another."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response
