"""Collections: listed, made, changed, deleted."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from app.models import Collection, Privacy, Scope, SortOrder
from app.services import lookup
from app.services.access.rules import Action
from app.services.collections import editing, listing, order
from app.services.collections.editing import CollectionDetails
from app.services.trash.deletion import DeletionService
from app.views import audit_request, gate
from app.views.api import schemas
from app.views.api.answering import collection_facts, json_response
from app.views.api.blueprint import bp
from app.views.api.operations import Operation, asked, operation, sent
from app.views.loading import collection_for
from app.views.visitors import account_id

WEDDING = {"title": "Mira & Jonas", "privacy": "password", "password": "rosemary", "event_date": "2026-05-09"}


@bp.get("/collections")
@gate.needs(gate.ACCOUNT, Scope.READ)
@operation(Operation({200: ("The collections, the newest first.", schemas.CollectionsAnswer)}, query=schemas.PageQuery))
def collections() -> ResponseReturnValue:
    """List the account's collections."""
    page = asked(schemas.PageQuery)
    found = listing.collections_of(account_id(), limit=page["limit"], after=page.get("cursor"))
    facts = {"collections": [*map(collection_facts, found.rows)], "next": found.next}
    return json_response(schemas.CollectionsAnswer, facts)


@bp.post("/collections")
@gate.needs(gate.ACCOUNT, Scope.MANAGE)
@operation(
    Operation({201: ("The new collection.", schemas.CollectionDetailsAnswer)}, schemas.NewCollection, example=WEDDING)
)
def new_collection() -> ResponseReturnValue:
    """Make a collection."""
    uuid = editing.create(account_id(), CollectionDetails(**in_words(sent(schemas.NewCollection))))
    found = lookup.by_uuid(uuid)
    audit_request.note("collection.made", collection=uuid, privacy=found.privacy)
    answer = json_response(schemas.CollectionDetailsAnswer, details_of(found))
    return answer, 201, {"Location": url_for("api.collection", collection_uuid=uuid)}


@bp.get("/collections/<collection_uuid>")
@gate.needs(Action.BROWSE)
@operation(Operation({200: ("The collection.", schemas.CollectionDetailsAnswer)}))
def collection(collection_uuid: str) -> ResponseReturnValue:
    """Tell of a collection."""
    return json_response(schemas.CollectionDetailsAnswer, details_of(collection_for(collection_uuid, Action.BROWSE)))


@bp.patch("/collections/<collection_uuid>")
@gate.needs(Action.MANAGE)
@operation(
    Operation(
        {200: ("The collection as it is now.", schemas.CollectionDetailsAnswer)},
        schemas.CollectionChanges,
        example={"title": "Mira & Jonas, the evening", "expires_at": None},
    )
)
def change_collection(collection_uuid: str) -> ResponseReturnValue:
    """Change what the body names; everything else stays."""
    found = collection_for(collection_uuid, Action.MANAGE)
    editing.change(found.id, in_words(sent(schemas.CollectionChanges)))
    found = lookup.by_uuid(collection_uuid)
    audit_request.note("collection.changed", collection=collection_uuid, privacy=found.privacy)
    return json_response(schemas.CollectionDetailsAnswer, details_of(found))


@bp.delete("/collections/<collection_uuid>")
@gate.needs(Action.MANAGE)
@operation(Operation({200: ("It is in the bin.", schemas.DeletedAnswer)}))
def delete_collection(collection_uuid: str) -> ResponseReturnValue:
    """Put a collection into the bin with all its files."""
    found = collection_for(collection_uuid, Action.MANAGE)
    deleted = DeletionService().delete_collection(found.id, account_id())
    audit_request.note("collection.deleted", collection=collection_uuid)
    return json_response(schemas.DeletedAnswer, deleted)


def details_of(found: Collection) -> dict[str, Any]:
    """What is told of one collection, with its counts."""
    return collection_facts(found) | {"counts": order.counts(found.id).to_json()}


def in_words(given: dict[str, Any]) -> dict[str, Any]:
    """What was sent, with the words of the tables."""
    kinds = {"privacy": Privacy, "sort_order": SortOrder}
    return {name: kinds[name](value) if name in kinds else value for name, value in given.items()}
