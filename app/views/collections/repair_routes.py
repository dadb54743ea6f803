"""Reports of images that a page could not load."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from app.errors import NotFound
from app.services.access.rules import Action
from app.services.variants.on_demand import OnDemand
from app.views import gate, limits
from app.views.collections.file_routes import checked_name
from app.views.loading import file_for

bp = Blueprint("repairs", __name__, url_prefix="/collections")


@bp.post("/files/<file_uuid>/variants/<name>/report")
@limits.repairs
@gate.needs(Action.BROWSE)
def report_variant(file_uuid: str, name: str) -> ResponseReturnValue:
    """Check a variant in the store, and make it again if it is missing or damaged."""
    file = file_for(file_uuid, Action.BROWSE)
    if not file.is_image:
        raise NotFound("This file is not an image, so it has no previews.")
    whole = OnDemand().check(file, checked_name(name))
    return jsonify(whole=whole), 200 if whole else 202
