"""Check before an upload which files the collection already has, and read JSON bodies."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from app.errors import Invalid
from app.services.access.rules import Action
from app.services.uploads import check as upload_check
from app.services.uploads import limits as upload_limits
from app.services.uploads.receipt import Accepted
from app.views import gate, limits
from app.views.loading import collection_for

bp = Blueprint("uploads", __name__, url_prefix="/collections")
limits.limit_uploads(bp)

NO_JSON = "Send a JSON object."


@bp.post("/<collection_uuid>/uploads/check")
@gate.needs(Action.UPLOAD)
def check(collection_uuid: str) -> ResponseReturnValue:
    """Tell which of the files that a client is about to send are missing."""
    collection = collection_for(collection_uuid, Action.UPLOAD)
    return checked(collection.id, objects_of(json_body(), "files"))


def checked(collection_id: int, files: list[dict[str, Any]]) -> Response:
    """The response to a check of files by `sha256`: those present, those missing, and the size limits."""
    found = upload_check.check(collection_id, [each.get("sha256") for each in files])
    return jsonify(
        present=[present_json(file) for file in found.present],
        missing=found.missing,
        limits=asdict(upload_limits.limits()),
    )


def present_json(file: Accepted) -> dict[str, str]:
    """A file that need not be sent, as JSON."""
    return {"sha256": file.sha256, "uuid": file.uuid, "name": file.name, "status": file.status}


def json_body() -> dict[str, Any]:
    """The JSON object of the body; raises Invalid if the body is anything else."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Invalid(NO_JSON)
    return body


def objects_of(body: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The list of objects under this name; raises Invalid if it is anything else."""
    found = body.get(name)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Invalid(f"“{name}” must be a list of objects.", {name: "Must be a list of objects."})
    return found
