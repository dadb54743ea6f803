"""Files: listed, told of, handed out, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue

from app.errors import NotFound
from app.models import File
from app.services.access.rules import Action
from app.services.collections import listing, order
from app.services.delivery import DeliveryService, Placeholder
from app.services.trash.deletion import DeletionService
from app.views import audit_request, gate, limits
from app.views.answers import deliver
from app.views.api import schemas
from app.views.api.answering import file_facts, json_response
from app.views.api.blueprint import bp
from app.views.api.operations import Operation, asked, operation
from app.views.collections.file_routes import checked_name
from app.views.loading import collection_for, file_for
from app.views.visitors import account_id, current_visitor

RETRY_SECONDS = 2
BYTES = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
PICTURE = {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}
ELSEWHERE = {302: ("The bytes are at `Location`, for a while; send no token there.", None)}
AT = {302: {"Location": "Where the store has the bytes."}}


@bp.get("/collections/<collection_uuid>/files")
@gate.needs(Action.BROWSE)
@operation(Operation({200: ("Files in the order they came.", schemas.FilesAnswer)}, query=schemas.PageQuery))
def files(collection_uuid: str) -> ResponseReturnValue:
    """List the files of a collection."""
    found, page = collection_for(collection_uuid, Action.BROWSE), asked(schemas.PageQuery)
    some = listing.files_of(found.id, limit=page["limit"], after=page.get("cursor"))
    return json_response(schemas.FilesAnswer, {"files": facts_of(some.rows, collection_uuid), "next": some.next})


@bp.get("/collections/<collection_uuid>/status")
@gate.needs(Action.BROWSE)
@operation(Operation({200: ("Counts, and what is not ready.", schemas.StatusAnswer)}, query=schemas.PageQuery))
def status(collection_uuid: str) -> ResponseReturnValue:
    """Tell how far the preparing of a collection is."""
    found, page = collection_for(collection_uuid, Action.BROWSE), asked(schemas.PageQuery)
    some = listing.unfinished(found.id, limit=page["limit"], after=page.get("cursor"))
    counts = order.counts(found.id).to_json()
    facts = {"counts": counts, "unfinished": facts_of(some.rows, collection_uuid), "next": some.next}
    return json_response(schemas.StatusAnswer, facts)


@bp.get("/files/<file_uuid>")
@gate.needs(Action.BROWSE)
@operation(Operation({200: ("The file.", schemas.FileAnswer)}))
def file(file_uuid: str) -> ResponseReturnValue:
    """Tell of a file and of the variants that have been made."""
    found = file_for(file_uuid, Action.BROWSE)
    return json_response(schemas.FileAnswer, file_facts(found, found.collection.uuid))


@bp.delete("/files/<file_uuid>")
@gate.needs(Action.MANAGE)
@operation(Operation({200: ("It is in the bin.", schemas.DeletedAnswer)}))
def delete_file(file_uuid: str) -> ResponseReturnValue:
    """Put a file into the bin."""
    found = file_for(file_uuid, Action.MANAGE)
    deleted = DeletionService().delete_file(found.id, account_id())
    audit_request.note("file.deleted", file=file_uuid)
    return json_response(schemas.DeletedAnswer, deleted)


@bp.get("/files/<file_uuid>/original")
@limits.pictures
@gate.needs(Action.DOWNLOAD)
@operation(Operation({200: ("The bytes.", BYTES), 206: ("A part of them.", BYTES), **ELSEWHERE}, headers=AT))
def original(file_uuid: str) -> ResponseReturnValue:
    """Give the untouched original, or where the store has it."""
    found = file_for(file_uuid, Action.DOWNLOAD)
    return audit_request.downloaded(found, deliver(DeliveryService(current_visitor()).original(found)))


@bp.get("/files/<file_uuid>/variants/<name>")
@limits.pictures
@gate.needs(Action.BROWSE)
@operation(
    Operation(
        {
            200: ("The picture.", PICTURE),
            206: ("A part of it.", PICTURE),
            202: ("It is being made.", schemas.PendingAnswer),
            **ELSEWHERE,
        },
        headers=AT | {202: {"Retry-After": "Seconds after which to ask again."}},
    )
)
def variant(file_uuid: str, name: str) -> ResponseReturnValue:
    """Give a variant, made now if need be; never the original in its place."""
    found = file_for(file_uuid, Action.BROWSE)
    if not found.is_image:
        raise NotFound("This file is not a picture, so there are no variants of it.")
    delivery, _ = DeliveryService(current_visitor()).variant(found, checked_name(name), or_original=False)
    match delivery:
        case Placeholder(preparing=True):
            return jsonify(status="pending"), 202, {"Retry-After": str(RETRY_SECONDS)}
        case Placeholder():
            raise NotFound("No variant could be made of this picture.")
    return deliver(delivery)


def facts_of(rows: Sequence[File], collection_uuid: str) -> list[dict[str, Any]]:
    """What is told of some files of one collection."""
    return [file_facts(each, collection_uuid) for each in rows]
