"""The camera clocks of a collection: list, preview and correct them."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.errors import Invalid
from app.models import Collection
from app.services.access.rules import Action
from app.services.collections import camera_clocks
from app.services.collections.capture_time import in_words, offset_in_words
from app.views import audit_request, gate
from app.views.answers import wants_json
from app.views.clocks import strips
from app.views.clocks.forms import PreviewForm, ShiftForm
from app.views.loading import collection_for

bp = Blueprint("clocks", __name__, template_folder="templates")
bp.add_app_template_filter(in_words, "shift_in_words")
bp.add_app_template_filter(offset_in_words, "offset_in_words")


@bp.get("/collections/<collection_uuid>/clocks")
@gate.needs(Action.MANAGE)
def index(collection_uuid: str) -> ResponseReturnValue:
    """List the cameras, each with a form for its clock, and preview the order that the query describes."""
    collection, form = collection_for(collection_uuid, Action.MANAGE), PreviewForm()
    try:
        return page(collection, proposed=proposed(collection, form))
    except Invalid as error:
        return refused(error, collection)


def proposed(collection: Collection, form: PreviewForm) -> strips.Page | None:
    """The preview that the query asks for; None without one. Raises NotFound or Invalid."""
    if request.args.get("by") == "real":
        return strips.of_real_time(collection)
    if "camera" not in request.args:
        return None
    shift = form.shift()
    return strips.of_clock(collection, camera_clocks.camera(collection.id, form.camera.data), shift, form.sent())


@bp.post("/collections/<collection_uuid>/clocks")
@gate.needs(Action.MANAGE)
def put_right(collection_uuid: str) -> ResponseReturnValue:
    """Set the clock correction of one camera, relative to the times in its files; 0 removes it."""
    collection, form = collection_for(collection_uuid, Action.MANAGE), ShiftForm()
    try:
        shift = form.shift()
    except Invalid as error:
        return refused(error, collection)
    camera = camera_clocks.camera(collection.id, form.camera.data)
    camera_clocks.correct(collection.id, camera.name, camera.serial, shift)
    audit_request.note("clock.corrected", collection=collection_uuid, seconds=shift)
    if wants_json():
        return jsonify(camera=camera.key, shift_seconds=shift)
    name = camera.name or "the unknown camera"
    words = f"corrected by {in_words(shift)}" if shift else "set back to what the camera wrote"
    flash(f"The clock of {name} is {words}.", "success")
    return redirect(url_for("clocks.index", collection_uuid=collection_uuid))


@bp.post("/collections/<collection_uuid>/clocks/order")
@gate.needs(Action.MANAGE)
def order(collection_uuid: str) -> ResponseReturnValue:
    """Order photos by real time or by local time."""
    collection, by_real_time = collection_for(collection_uuid, Action.MANAGE), request.form.get("by") == "real"
    choose = camera_clocks.order_by_real_time if by_real_time else camera_clocks.order_by_wall_clock
    try:
        choose(collection.id)
    except Invalid as error:
        return refused(error, collection)
    audit_request.note("order.time_chosen", collection=collection_uuid, by="real" if by_real_time else "wall")
    if wants_json():
        return jsonify(by="real" if by_real_time else "wall")
    flash(f"Photos are now ordered by {'real time' if by_real_time else 'local time'}.", "success")
    return redirect(url_for("clocks.index", collection_uuid=collection_uuid))


def refused(error: Invalid, collection: Collection) -> ResponseReturnValue:
    """The page with an error; raises `error` again if the client wants JSON."""
    if wants_json():
        raise error
    return page(collection, problem=error), 422


def page(collection: Collection, problem: Invalid | None = None, proposed: strips.Page | None = None) -> str:
    """Render the page; `problem` is the error of a form."""
    cameras = camera_clocks.cameras(collection.id)
    return render_template(
        "clocks/index.html",
        collection=collection,
        cameras=cameras,
        letters=strips.letters(cameras),
        proposed=proposed,
        zones=camera_clocks.zones(collection.id),
        without_time=camera_clocks.without_time(collection.id),
        problem=problem,
    )
