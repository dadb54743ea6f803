"""API: list, create and turn off share links."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue

from app.services.access import share_links
from app.services.access.rules import Action
from app.views import audit_request, gate
from app.views.api import schemas
from app.views.api.answering import json_response
from app.views.api.blueprint import bp
from app.views.api.operations import Operation, json_body, operation
from app.views.loading import collection_for


@bp.get("/collections/<collection_uuid>/links")
@gate.needs(Action.MANAGE)
@operation(Operation({200: ("The links, newest first.", schemas.LinksAnswer)}))
def links(collection_uuid: str) -> ResponseReturnValue:
    """List the share links of a collection, including those turned off."""
    return json_response(
        schemas.LinksAnswer, {"links": share_links.list_for(collection_for(collection_uuid, Action.MANAGE).id)}
    )


@bp.post("/collections/<collection_uuid>/links")
@gate.needs(Action.MANAGE)
@operation(
    Operation(
        {201: ("The link; its URL is returned only this once.", schemas.MadeLinkAnswer)},
        schemas.NewLink,
        example={"label": "Grandmother", "downloads_allowed": True, "expires_at": "2027-01-31"},
    )
)
def make_link(collection_uuid: str) -> ResponseReturnValue:
    """Create a share link."""
    found = collection_for(collection_uuid, Action.MANAGE)
    made = share_links.make(found.id, **json_body(schemas.NewLink))
    audit_request.note("link.made", link=made.uuid, collection=collection_uuid)
    facts = {"uuid": made.uuid, "url": url_for("links.follow", secret=made.secret, _external=True)}
    return json_response(schemas.MadeLinkAnswer, facts), 201


@bp.delete("/collections/<collection_uuid>/links/<link_uuid>")
@gate.needs(Action.MANAGE)
@operation(Operation({200: ("The link is turned off.", schemas.RevokedAnswer)}))
def revoke_link(collection_uuid: str, link_uuid: str) -> ResponseReturnValue:
    """Turn off a share link; visitors who used it lose access at their next request."""
    share_links.revoke(collection_for(collection_uuid, Action.MANAGE).id, link_uuid)
    audit_request.note("link.revoked", link=link_uuid, collection=collection_uuid)
    return json_response(schemas.RevokedAnswer, {"revoked": link_uuid})
