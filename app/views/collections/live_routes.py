"""Telling an open page what changes: a stream of events, and answers for pages that ask instead."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask import Response, current_app, jsonify, request, stream_with_context
from flask.typing import ResponseReturnValue

from app.errors import AppError
from app.services import lookup
from app.services.access import grants
from app.services.access.rules import Action, Visitor, authorize
from app.services.accounts import accounts
from app.services.collections import live, order
from app.views import gate
from app.views.collections import tiles
from app.views.collections.blueprint import bp
from app.views.loading import collection_for
from app.views.visitors import current_visitor

LOOK_SECONDS = 1.0
BEAT_SECONDS = 4.0  # a page that hears nothing for much longer than 5 s may take the stream for dead
GATE_SECONDS = 3.0
STREAM_SECONDS = 300.0  # then the browser comes again, perhaps to another process
RETRY_MS = 2000


@bp.get("/<collection_uuid>/status")
@gate.needs(Action.BROWSE)
def status(collection_uuid: str) -> ResponseReturnValue:
    """Where each file of the collection stands; with `open`, only those that move, or moved since the last answer."""
    collection = collection_for(collection_uuid, Action.BROWSE)
    rights = tiles.Rights.of(current_visitor(), collection)
    if request.args.get("open"):
        return jsonify(_told(live.look(collection.id, live.Seen.read(request.args.get("since", ""))), rights))
    found = tiles.tiles_of(lookup.files_of(collection), rights)
    counts = order.counts(collection.id).to_json()
    return jsonify(files=[tiles.status_of(tile) for tile in found], counts=counts)


@bp.get("/<collection_uuid>/events")
@gate.needs(Action.BROWSE)
def events(collection_uuid: str) -> ResponseReturnValue:
    """The same as events, for as long as the page is open and its visitor may see it."""
    collection = collection_for(collection_uuid, Action.BROWSE)
    visitor = current_visitor()
    rights = tiles.Rights.of(visitor, collection)
    seen = live.Seen.read(request.headers.get("Last-Event-ID", request.args.get("since", "")))
    streams: live.Streams = current_app.extensions["proofsheet.streams"]
    give_back = streams.take()
    stream = _stream(streams, collection_uuid, collection.id, visitor, rights, seen)
    response = Response(stream_with_context(stream), mimetype="text/event-stream")
    response.call_on_close(give_back)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"  # nginx would keep events back until it has a few kilobytes
    return response


def _stream(
    streams: live.Streams,
    collection_uuid: str,
    collection_id: int,
    visitor: Visitor,
    rights: tiles.Rights,
    seen: live.Seen | None,
) -> Iterator[str]:
    start = sent = passed = time.monotonic()
    yield f"retry: {RETRY_MS}\n\n"
    last: live.Look | None = None
    while (now := time.monotonic()) - start < STREAM_SECONDS:
        if now - passed >= GATE_SECONDS:
            if (now_has := _still_has(collection_uuid, visitor, rights)) is None:
                return
            rights, passed = now_has, now
        found = _looked(collection_id, seen, last)
        if found is not None:
            if last is None or found.files or found.counts != last.counts:
                yield _event("files", _told(found, rights), found.seen.token)
                sent = now
            last, seen = found, found.seen
        if now - sent >= BEAT_SECONDS - LOOK_SECONDS:
            yield _event("beat", {})
            sent = now
        if streams.wait(LOOK_SECONDS):
            return


def _looked(collection_id: int, seen: live.Seen | None, last: live.Look | None) -> live.Look | None:
    """A look; None while the database does not answer, which the beats bridge."""
    try:
        return live.look(collection_id, seen, last.states if last else live.NOTHING)
    except AppError:
        return None


def _still_has(collection_uuid: str, visitor: Visitor, rights: tiles.Rights) -> tiles.Rights | None:
    """What this visitor may do now; None if the gate would not let it in, or its account's session has ended.

    The collection may be closed, deleted or have a new password since, and the account another role.
    """
    try:
        with lookup.looked_up(collection_uuid) as collection:
            account = accounts.of_session(visitor.session) if visitor.user_id is not None else None
            if visitor.user_id is not None and account is None:
                return None
            now = replace(visitor, is_admin=account is not None and account.is_admin)
            present = grants.with_grant(now, collection)
            authorize(present, collection, Action.BROWSE)
            return tiles.Rights.of(present, collection)
    except AppError as error:
        return rights if error.transient else None


def _told(found: live.Look, rights: tiles.Rights) -> dict[str, Any]:
    files = [tiles.status_of(tile) for tile in tiles.tiles_of(found.files, rights)]
    return {"files": files, "counts": found.counts.to_json(), "since": found.seen.token}


def _event(name: str, data: dict[str, Any], token: str = "") -> str:
    head = f"id: {token}\n" if token else ""
    return f"{head}event: {name}\ndata: {json.dumps(data)}\n\n"
