"""The status of the files of a collection, for scripts and open pages."""

from __future__ import annotations

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from app.services.access.rules import Action
from app.services.collections import live, order
from app.services.collections.tile_rows import Extra
from app.views import gate
from app.views.collections import tiles
from app.views.collections.blueprint import bp
from app.views.loading import collection_for
from app.views.visitors import current_visitor


@bp.get("/<collection_uuid>/status")
@gate.needs(Action.BROWSE)
def status(collection_uuid: str) -> ResponseReturnValue:
    """Return the status of every file; with the cursor `since`, of the files that changed after it."""
    collection = collection_for(collection_uuid, Action.BROWSE)
    rights = tiles.Rights.of(current_visitor(), collection)
    since = request.args.get("since")
    if since is not None:
        return _changes(live.look(collection.id, live.Seen.read(since)), rights)
    found = tiles.tiles_of(order.every_file(collection.id, Extra(notes=rights.extra.notes)), rights)
    counts = order.counts(collection.id).to_json()
    return jsonify(files=[tiles.status_of(tile) for tile in found], counts=counts)


def _changes(found: live.Look, rights: tiles.Rights) -> ResponseReturnValue:
    files = [tiles.status_of(tile) for tile in tiles.tiles_of(found.files, rights)]
    signed = rights.signing.token if rights.signing else ""
    return jsonify(files=files, counts=found.counts.to_json(), since=found.seen.token, signed=signed)
