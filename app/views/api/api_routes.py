"""The OpenAPI document of the JSON API; importing this module registers all routes of the API."""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256

from flask import Blueprint, Flask, Response, current_app, request
from werkzeug.wrappers import Response as WerkzeugResponse

from app.views import gate
from app.views.api import collection_routes, file_routes, link_routes, upload_routes
from app.views.api.blueprint import bp
from app.views.api.document import document

__all__ = ["about", "bp", "collection_routes", "file_routes", "link_routes", "upload_routes"]

about = Blueprint("openapi", __name__, url_prefix="/api")
DOCUMENT_SECONDS = 3_600  # how long caches keep the description of the API


@about.get("/openapi.json")
@gate.needs(gate.NOTHING)
def openapi() -> WerkzeugResponse:
    """The OpenAPI document of the API; public."""
    text = _text(current_app._get_current_object())  # type: ignore[attr-defined]
    response = Response(text, mimetype="application/json")
    response.headers["Cache-Control"] = f"public, max-age={DOCUMENT_SECONDS}"
    response.set_etag(sha256(text.encode()).hexdigest()[:16])
    return response.make_conditional(request)


@cache
def _text(app: Flask) -> str:
    return json.dumps(document(app), ensure_ascii=False)
