"""Uploads: asking what is missing, and sending it."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import UnsupportedMediaType

from app.services.access.rules import Action
from app.views import gate, limits
from app.views.api import schemas
from app.views.api.blueprint import bp
from app.views.api.operations import Operation, operation, sent
from app.views.loading import collection_for
from app.views.uploads.check_routes import checked
from app.views.uploads.receiving import receipt, receive_form, status_of

QUESTION_BYTES = 1_000_000  # a thousand files under long names
FORM_TYPE = "multipart/form-data"
FORM = {
    FORM_TYPE: {
        "schema": {
            "type": "object",
            "required": ["files"],
            "properties": {
                "sha256": {"type": "string", "description": "Of the file after it; other bytes are refused."},
                "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
            },
        }
    }
}


@bp.post("/collections/<collection_uuid>/check")
@limits.uploads
@gate.needs(Action.UPLOAD)
@operation(
    Operation(
        {200: ("What is here, and what is missing.", schemas.CheckAnswer)},
        schemas.CheckQuestion,
        example={"files": [{"name": "dance.jpg", "size": 24300000, "sha256": schemas.DIGEST["example"]}]},
    )
)
def check(collection_uuid: str) -> ResponseReturnValue:
    """Ask which files need to be sent at all, by their SHA-256."""
    found = collection_for(collection_uuid, Action.UPLOAD)
    return checked(found.id, sent(schemas.CheckQuestion, QUESTION_BYTES)["files"])


@bp.post("/collections/<collection_uuid>/files")
@limits.uploads
@gate.needs(Action.UPLOAD)
@operation(
    Operation(
        {
            201: ("At least one file is safe, or was here already.", schemas.UploadAnswer),
            422: ("Nothing was taken.", schemas.UploadAnswer),
            507: ("Nothing was taken: the disk of the server is full.", schemas.UploadAnswer),
        },
        FORM,
        refuses=(400, 415),
    )
)
def upload(collection_uuid: str) -> ResponseReturnValue:
    """Send files: the form field `files`, as often as there are files."""
    found = collection_for(collection_uuid, Action.UPLOAD)
    if request.mimetype != FORM_TYPE:
        raise UnsupportedMediaType(f"Send {FORM_TYPE}, with files in the field “files”.")
    report = receive_form(found.id, collection_uuid, by_program=True)
    return receipt(report), status_of(report)
