"""The collection page, the requests with which a browser loads more of it, the order of photos, and the cover."""

from __future__ import annotations

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as WerkzeugResponse

from app.errors import Invalid
from app.models import SortOrder
from app.services.access.rules import Action
from app.services.collections import arranging, editing
from app.services.collections import order as gallery
from app.views import gate
from app.views.answers import wants_json
from app.views.collections import page_etag
from app.views.collections.blueprint import bp
from app.views.collections.page import day_in_words, page_of, query_number, reading_order, requested_sort
from app.views.collections.tile_html import tiles_html
from app.views.collections.tiles import Rights, ratio_number
from app.views.loading import collection_for, file_for
from app.views.modules import imported_by, script_url, static_url, stylesheet_url
from app.views.visitors import current_visitor

LONGEST_SLICE = 240

bp.add_app_template_filter(day_in_words)
bp.add_app_template_global(imported_by)
bp.add_app_template_global(script_url)
bp.add_app_template_global(static_url)
bp.add_app_template_global(stylesheet_url)


@bp.get("/<collection_uuid>")
@gate.needs(Action.BROWSE)
def view(collection_uuid: str) -> ResponseReturnValue:
    """Show the collection page."""
    collection = collection_for(collection_uuid, Action.BROWSE)
    page = page_of(collection, current_visitor())
    return page_etag.answer(page, lambda: render_template("collections/view.html", page=page))


@bp.get("/<collection_uuid>/head")
@gate.needs(Action.BROWSE)
def head(collection_uuid: str) -> ResponseReturnValue:
    """The collection page without files, from which an open page updates its header."""
    collection = collection_for(collection_uuid, Action.BROWSE)
    page = page_of(collection, current_visitor(), with_files=False)
    return page_etag.answer(page, lambda: render_template("collections/view.html", page=page))


@bp.get("/<collection_uuid>/layout")
@gate.needs(Action.BROWSE)
def layout(collection_uuid: str) -> ResponseReturnValue:
    """The aspect ratios of all photos in order, and the number of photos by day: the input of the grid layout."""
    collection = collection_for(collection_uuid, Action.BROWSE)
    geometry = gallery.geometry(collection.id, reading_order(collection))
    response = jsonify(
        total=len(geometry.frames),
        revision=geometry.revision,
        ratios=[ratio_number(frame.width, frame.height) for frame in geometry.frames],
        days=geometry.days() if requested_sort(collection) == SortOrder.TAKEN else [],
    )
    response.set_etag(geometry.revision)
    return unchanged_if_known(response)


def unchanged_if_known(response: Response) -> WerkzeugResponse:
    """The response, or 304 if the browser has the same one; the browser must revalidate it on every use."""
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Cookie")
    return response.make_conditional(request)


@bp.get("/<collection_uuid>/tiles")
@gate.needs(Action.BROWSE)
def tiles(collection_uuid: str) -> ResponseReturnValue:
    """The HTML of the tiles from `start` on, without day headings; empty beyond the end."""
    collection = collection_for(collection_uuid, Action.BROWSE)
    start, count = query_number("start", 0, 0), query_number("count", gallery.PAGE, 1, LONGEST_SLICE)
    rights = Rights.of(current_visitor(), collection)
    found = gallery.pictures(collection.id, reading_order(collection), start, count, rights.extra)
    return str(tiles_html(found, rights, start))


@bp.get("/<collection_uuid>/position")
@gate.needs(Action.BROWSE)
def position(collection_uuid: str) -> ResponseReturnValue:
    """The index of a photo in the order, as JSON."""
    collection = collection_for(collection_uuid, Action.BROWSE)
    file = gallery.picture(collection.id, request.args.get("file", ""))
    return jsonify(index=gallery.position(file, reading_order(collection)))


@bp.post("/<collection_uuid>/order")
@gate.needs(Action.MANAGE)
def order(collection_uuid: str) -> ResponseReturnValue:
    """Move photos in the photographer's own order."""
    collection = collection_for(collection_uuid, Action.MANAGE)
    asked = request.get_json(silent=True)
    moved, before = (asked.get("moved"), asked.get("before")) if isinstance(asked, dict) else (None, None)
    if not isinstance(moved, list) or not all(isinstance(each, str) for each in [*moved, before or ""]):
        raise Invalid("Send {moved: [uuids], before: a uuid or null}.")
    arranging.move(collection.id, moved, before)
    return jsonify(sort_order=SortOrder.MANUAL, moved=len(moved))


@bp.get("/<collection_uuid>/cover")
@gate.needs(Action.MANAGE)
def choose_cover(collection_uuid: str) -> ResponseReturnValue:
    """Show the photos, each with a button to make it the cover."""
    collection = collection_for(collection_uuid, Action.MANAGE)
    return render_template(
        "collections/cover.html", page=page_of(collection, current_visitor()), cover=collection.cover_uuid
    )


@bp.post("/files/<file_uuid>/cover")
@gate.needs(Action.MANAGE)
def use_as_cover(file_uuid: str) -> ResponseReturnValue:
    """Make this photo the cover."""
    file = file_for(file_uuid, Action.MANAGE)
    if not file.is_image:
        raise Invalid("Only a photo can be the cover.")
    uuid = file.collection.uuid
    editing.use_as_cover(file.collection_id, file_uuid)
    if wants_json():
        return jsonify(cover=file_uuid)
    flash("Cover changed.", "success")
    return redirect(url_for("collections.view", collection_uuid=uuid))
