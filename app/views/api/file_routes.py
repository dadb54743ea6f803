"""API: list, describe, download and delete files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue

from app.errors import NotFound
from app.models import File
from app.services.access.rules import Action
from app.services.collections import listing, order
from app.services.delivery.files import DeliveryService, Placeholder
from app.services.trash.deletion import DeletionService
from app.views import audit_request, gate, limits
from app.views.answers import deliver
from app.views.api import schemas
from app.views.api.answering import file_facts, json_response
from app.views.api.blueprint import bp
from app.views.api.operations import Operation, operation, query
from app.views.collections.file_routes import checked_name
from app.views.loading import collection_for, file_for
from app.views.visitors import account_id, current_visitor

RETRY_SECONDS = 2
BYTES = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
PICTURE = {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}
ELSEWHERE = {302: ("The bytes are at `Location` for a limited time; do not send the token there.", None)}
AT = {302: {"Location": "Presigned URL of the bytes in the store."}}


@bp.get("/collections/<collection_uuid>/files")
@gate.needs(Action.BROWSE)
@operation(Operation({200: ("The files in the order of upload.", schemas.FilesAnswer)}, query=schemas.PageQuery))
def files(collection_uuid: str) -> ResponseReturnValue:
    """List the files of a collection."""
    found, page = collection_for(collection_uuid, Action.BROWSE), query(schemas.PageQuery)
    some = listing.files_of(found.id, limit=page["limit"], after=page.get("cursor"))
    return json_response(schemas.FilesAnswer, {"files": facts_of(some.rows, collection_uuid), "next": some.next})


@bp.get("/collections/<collection_uuid>/status")
@gate.needs(Action.BROWSE)
@operation(
    Operation({200: ("Counts, and the files that are not ready.", schemas.StatusAnswer)}, query=schemas.PageQuery)
)
def status(collection_uuid: str) -> ResponseReturnValue:
    """Get the number of files by state, and the files that are not ready."""
    found, page = collection_for(collection_uuid, Action.BROWSE), query(schemas.PageQuery)
    some = listing.unfinished(found.id, limit=page["limit"], after=page.get("cursor"))
    counts = order.counts(found.id).to_json()
    facts = {"counts": counts, "unfinished": facts_of(some.rows, collection_uuid), "next": some.next}
    return json_response(schemas.StatusAnswer, facts)


@bp.get("/files/<file_uuid>")
@gate.needs(Action.BROWSE)
@operation(Operation({200: ("The file.", schemas.FileAnswer)}))
def file(file_uuid: str) -> ResponseReturnValue:
    """Get a file and its variants."""
    found = file_for(file_uuid, Action.BROWSE)
    return json_response(schemas.FileAnswer, file_facts(found, found.collection.uuid))


@bp.delete("/files/<file_uuid>")
@gate.needs(Action.MANAGE)
@operation(Operation({200: ("The file is in the bin.", schemas.DeletedAnswer)}))
def delete_file(file_uuid: str) -> ResponseReturnValue:
    """Move a file to the bin."""
    found = file_for(file_uuid, Action.MANAGE)
    deleted = DeletionService().delete_file(found.id, account_id())
    audit_request.note("file.deleted", file=file_uuid)
    return json_response(schemas.DeletedAnswer, deleted)


@bp.get("/files/<file_uuid>/original")
@limits.originals
@gate.needs(Action.DOWNLOAD)
@operation(Operation({200: ("The bytes.", BYTES), 206: ("The requested range.", BYTES), **ELSEWHERE}, headers=AT))
def original(file_uuid: str) -> ResponseReturnValue:
    """Download the unchanged original, or redirect to it in the store."""
    found = file_for(file_uuid, Action.DOWNLOAD)
    return audit_request.downloaded(found, deliver(DeliveryService(current_visitor()).original(found)))


@bp.get("/files/<file_uuid>/variants/<name>")
@limits.originals
@gate.needs(Action.BROWSE)
@operation(
    Operation(
        {
            200: ("The image.", PICTURE),
            206: ("The requested range.", PICTURE),
            202: ("The variant is being made.", schemas.PendingAnswer),
            **ELSEWHERE,
        },
        headers=AT | {202: {"Retry-After": "Seconds to wait before a retry."}},
    )
)
def variant(file_uuid: str, name: str) -> ResponseReturnValue:
    """Download a variant, which is made now if it is missing; never the original in its place."""
    found = file_for(file_uuid, Action.BROWSE)
    if not found.is_image:
        raise NotFound("This file is not an image, so it has no variants.")
    delivery, _ = DeliveryService(current_visitor()).variant(found, checked_name(name), or_original=False)
    match delivery:
        case Placeholder(preparing=True):
            return jsonify(status="pending"), 202, {"Retry-After": str(RETRY_SECONDS)}
        case Placeholder():
            raise NotFound("This variant could not be made.")
    return deliver(delivery)


def facts_of(rows: Sequence[File], collection_uuid: str) -> list[dict[str, Any]]:
    """The values of files of one collection for `FileAnswer`."""
    return [file_facts(each, collection_uuid) for each in rows]
