"""API: check which files are missing, and upload them."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import UnsupportedMediaType

from app.services.access.rules import Action
from app.views import gate, limits
from app.views.api import schemas
from app.views.api.blueprint import bp
from app.views.api.operations import Operation, json_body, operation
from app.views.loading import collection_for
from app.views.uploads.check_routes import checked
from app.views.uploads.receiving import receipt, receive_form, status_of

CHECK_BYTES = 1_000_000  # for 1,000 files with long names
FORM_TYPE = "multipart/form-data"
FORM = {
    FORM_TYPE: {
        "schema": {
            "type": "object",
            "required": ["files"],
            "properties": {
                "sha256": {"type": "string", "description": "The digest of the next file; other bytes are refused."},
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
        {200: ("The files present and missing.", schemas.CheckAnswer)},
        schemas.CheckQuestion,
        example={"files": [{"name": "dance.jpg", "size": 24300000, "sha256": schemas.DIGEST["example"]}]},
    )
)
def check(collection_uuid: str) -> ResponseReturnValue:
    """Check by SHA-256 which files need to be sent."""
    found = collection_for(collection_uuid, Action.UPLOAD)
    return checked(found.id, json_body(schemas.CheckQuestion, CHECK_BYTES)["files"])


@bp.post("/collections/<collection_uuid>/files")
@limits.uploads
@gate.needs(Action.UPLOAD)
@operation(
    Operation(
        {
            201: ("At least one file was uploaded, or is a duplicate.", schemas.UploadAnswer),
            422: ("All files were refused.", schemas.UploadAnswer),
            507: ("All files were refused: the disk of the server is full.", schemas.UploadAnswer),
        },
        FORM,
        errors=(400, 415),
    )
)
def upload(collection_uuid: str) -> ResponseReturnValue:
    """Upload files in the form field `files`, once per file."""
    found = collection_for(collection_uuid, Action.UPLOAD)
    if request.mimetype != FORM_TYPE:
        raise UnsupportedMediaType(f"Send {FORM_TYPE}, with files in the field “files”.")
    report = receive_form(found.id, collection_uuid, by_program=True)
    return receipt(report), status_of(report)
