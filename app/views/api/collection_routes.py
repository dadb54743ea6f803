"""API: list, create, change and delete collections."""

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
from app.views.api.operations import Operation, json_body, operation, query
from app.views.loading import collection_for
from app.views.visitors import account_id

WEDDING = {"title": "Mira & Jonas", "privacy": "password", "password": "rosemary", "event_date": "2026-05-09"}


@bp.get("/collections")
@gate.needs(gate.ACCOUNT, Scope.READ)
@operation(Operation({200: ("The collections, newest first.", schemas.CollectionsAnswer)}, query=schemas.PageQuery))
def collections() -> ResponseReturnValue:
    """List the account's collections."""
    page = query(schemas.PageQuery)
    found = listing.collections_of(account_id(), limit=page["limit"], after=page.get("cursor"))
    facts = {"collections": [*map(collection_facts, found.rows)], "next": found.next}
    return json_response(schemas.CollectionsAnswer, facts)


@bp.post("/collections")
@gate.needs(gate.ACCOUNT, Scope.MANAGE)
@operation(
    Operation({201: ("The new collection.", schemas.CollectionDetailsAnswer)}, schemas.NewCollection, example=WEDDING)
)
def new_collection() -> ResponseReturnValue:
    """Create a collection."""
    uuid = editing.create(account_id(), CollectionDetails(**with_enums(json_body(schemas.NewCollection))))
    found = lookup.by_uuid(uuid)
    audit_request.note("collection.made", collection=uuid, privacy=found.privacy)
    answer = json_response(schemas.CollectionDetailsAnswer, details_of(found))
    return answer, 201, {"Location": url_for("api.collection", collection_uuid=uuid)}


@bp.get("/collections/<collection_uuid>")
@gate.needs(Action.BROWSE)
@operation(Operation({200: ("The collection.", schemas.CollectionDetailsAnswer)}))
def collection(collection_uuid: str) -> ResponseReturnValue:
    """Get a collection."""
    return json_response(schemas.CollectionDetailsAnswer, details_of(collection_for(collection_uuid, Action.BROWSE)))


@bp.patch("/collections/<collection_uuid>")
@gate.needs(Action.MANAGE)
@operation(
    Operation(
        {200: ("The changed collection.", schemas.CollectionDetailsAnswer)},
        schemas.CollectionChanges,
        example={"title": "Mira & Jonas, the evening", "expires_at": None},
    )
)
def change_collection(collection_uuid: str) -> ResponseReturnValue:
    """Change the fields that the body has."""
    found = collection_for(collection_uuid, Action.MANAGE)
    editing.change(found.id, with_enums(json_body(schemas.CollectionChanges)))
    found = lookup.by_uuid(collection_uuid)
    audit_request.note("collection.changed", collection=collection_uuid, privacy=found.privacy)
    return json_response(schemas.CollectionDetailsAnswer, details_of(found))


@bp.delete("/collections/<collection_uuid>")
@gate.needs(Action.MANAGE)
@operation(Operation({200: ("The collection is in the bin.", schemas.DeletedAnswer)}))
def delete_collection(collection_uuid: str) -> ResponseReturnValue:
    """Move a collection with all its files to the bin."""
    found = collection_for(collection_uuid, Action.MANAGE)
    deleted = DeletionService().delete_collection(found.id, account_id())
    audit_request.note("collection.deleted", collection=collection_uuid)
    return json_response(schemas.DeletedAnswer, deleted)


def details_of(found: Collection) -> dict[str, Any]:
    """The values of a collection and its counts for `CollectionDetailsAnswer`."""
    return collection_facts(found) | {"counts": order.counts(found.id).to_json()}


def with_enums(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of a body, with `privacy` and `sort_order` as enums."""
    kinds = {"privacy": Privacy, "sort_order": SortOrder}
    return {name: kinds[name](value) if name in kinds else value for name, value in given.items()}
