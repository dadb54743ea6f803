"""What a page tells of a picture that it could not show."""

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
    """Look whether a variant is whole in the store, and have it made again if it is not."""
    file = file_for(file_uuid, Action.BROWSE)
    if not file.is_image:
        raise NotFound("This file has no previews.")
    whole = OnDemand().check(file, checked_name(name))
    return jsonify(whole=whole), 200 if whole else 202
