"""Uploads that know what they send: what is missing is asked for first."""

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
limits.uploads(bp)

NO_JSON = "Send a JSON object."


@bp.post("/<collection_uuid>/uploads/check")
@gate.needs(Action.UPLOAD)
def check(collection_uuid: str) -> ResponseReturnValue:
    """Which of the files that somebody is about to send are missing here."""
    collection = collection_for(collection_uuid, Action.UPLOAD)
    return checked(collection.id, objects_of(json_body(), "files"))


def checked(collection_id: int, files: list[dict[str, Any]]) -> Response:
    """Of files that are told of by their `sha256`, which are here and which are missing."""
    found = upload_check.check(collection_id, [each.get("sha256") for each in files])
    return jsonify(
        present=[present_as(file) for file in found.present],
        missing=found.missing,
        limits=asdict(upload_limits.limits()),
    )


def present_as(file: Accepted) -> dict[str, str]:
    """A file that need not be sent, as a check tells of it."""
    return {"sha256": file.sha256, "uuid": file.uuid, "name": file.name, "status": file.status}


def json_body() -> dict[str, Any]:
    """The JSON object that was sent; raises Invalid."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Invalid(NO_JSON)
    return body


def objects_of(body: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The list of objects under a name; raises Invalid."""
    found = body.get(name)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Invalid(f"“{name}” is a list of objects.", {name: "Not a list of objects."})
    return found
