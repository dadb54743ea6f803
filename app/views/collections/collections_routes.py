"""Collections: their pages, and uploads into them. Importing it routes the addresses of their files as well."""

from __future__ import annotations

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.errors import Invalid
from app.extensions import csrf
from app.models import Collection, Privacy, utc_now
from app.services import lookup
from app.services.access.rules import Action, allowed
from app.services.collections import editing, overview
from app.services.uploads.receipt import DUPLICATE, UploadReport
from app.views import audit_request, gate, limits
from app.views.answers import json_error, wants_json
from app.views.collections import gallery_routes, live_routes, tiles
from app.views.collections.blueprint import bp
from app.views.collections.file_routes import serve_file, serve_preview, serve_thumbnail
from app.views.collections.forms import CollectionForm, PasswordForm
from app.views.loading import collection_for
from app.views.uploads.receiving import receipt, receive_form, status_of
from app.views.visitors import account_id, current_visitor, grant, visitor_of

__all__ = ["bp", "gallery_routes", "live_routes", "serve_file", "serve_preview", "serve_thumbnail", "upload_files"]


# --- pages ---------------------------------------------------------------------------------


@bp.get("/")
@gate.needs(gate.ACCOUNT)
def index() -> ResponseReturnValue:
    """The collections of whoever is signed in."""
    summaries = overview.owned_by(account_id(), all_owners=current_visitor().is_admin)
    return render_template("collections/index.html", cards=[tiles.card_of(summary) for summary in summaries])


@bp.get("/new")
@gate.needs(gate.ACCOUNT)
def new() -> ResponseReturnValue:
    """The form for a new collection."""
    return render_template("collections/edit.html", form=CollectionForm(), collection=None)


@bp.post("/")
@gate.needs(gate.ACCOUNT)
def create() -> ResponseReturnValue:
    """Make a collection."""
    form = CollectionForm()
    try:
        uuid = editing.create(account_id(), checked(form))
    except Invalid as error:
        return form_refused(error, form, None)
    audit_request.note("collection.made", collection=uuid, privacy=form.privacy.data)
    if not wants_json():
        warn_of_past_expiry(form)
    url = url_for("collections.view", collection_uuid=uuid)
    return (jsonify(uuid=uuid, url=url), 201) if wants_json() else redirect(url)


@bp.route("/<collection_uuid>/edit", methods=["GET", "POST"])
@gate.needs(Action.MANAGE)
def edit(collection_uuid: str) -> ResponseReturnValue:
    """Change a collection."""
    collection = collection_for(collection_uuid, Action.MANAGE)
    form = CollectionForm(obj=collection)
    if request.method == "POST":
        try:
            editing.update(collection.id, checked(form))
        except Invalid as error:
            return form_refused(error, form, collection)
        audit_request.note("collection.changed", collection=collection_uuid, privacy=form.privacy.data)
        flash("Saved.", "success")
        warn_of_past_expiry(form)
        return redirect(url_for("collections.view", collection_uuid=collection_uuid))
    return render_template("collections/edit.html", form=form, collection=collection)


def warn_of_past_expiry(form: CollectionForm) -> None:
    """Say on the next page that an expiry which was accepted is in the past."""
    if form.expires_at.data is not None and form.expires_at.data <= utc_now():
        flash("The expiry date is in the past, so clients can’t open this collection. Nothing is deleted.", "error")


def checked(form: CollectionForm) -> editing.CollectionDetails:
    """What was filled in; raises Invalid, naming the fields."""
    form.require()
    return form.details()


def form_refused(error: Invalid, form: CollectionForm, collection: Collection | None) -> ResponseReturnValue:
    """The form again with what is wrong, or the same as JSON."""
    if wants_json():
        return json_error(422, error.code, error.message, fields=error.fields)
    form.refuse(error)
    return render_template("collections/edit.html", form=form, collection=collection), 422


@bp.route("/<collection_uuid>/password", methods=["GET", "POST"])
@gate.needs(gate.NOTHING)
def password_required(collection_uuid: str) -> ResponseReturnValue:
    """Ask for a collection's password; with the right one, open it for this session."""
    if request.method == "POST":
        limits.guesses().require(*limits.of_collection(collection_uuid))  # before anything that costs more
    collection = lookup.by_uuid(collection_uuid)
    if collection.privacy != Privacy.PASSWORD or allowed(visitor_of(collection), collection, Action.BROWSE):
        gate.admit(collection, Action.BROWSE)
        return redirect(url_for("collections.view", collection_uuid=collection_uuid))
    if collection.is_expired:
        gate.admit(collection, Action.BROWSE)
    form = PasswordForm()
    if not form.is_submitted():
        return render_template("collections/password.html", form=form, collection=collection)
    if form.validate() and opens(collection, form.password.data):
        audit_request.note("password.given", collection=collection_uuid)
        grant(collection)
        url = url_for("collections.view", collection_uuid=collection_uuid)
        return jsonify(url=url) if wants_json() else redirect(url)
    audit_request.note("password.refused", collection=collection_uuid)
    if wants_json():
        return json_error(401, "wrong_password", "That is not the password.")
    status = 422 if form.wrong else 401
    form.password.errors = form.password.errors or ["That is not the password."]
    return render_template("collections/password.html", form=form, collection=collection), status


def opens(collection: Collection, password: str) -> bool:
    """Whether the password is right; raises TooOften."""
    bounds = limits.of_collection(collection.uuid)
    return limits.guesses().evaluate(lambda: editing.password_is_right(collection, password), *bounds)


# --- uploads -------------------------------------------------------------------------------


@bp.post("/<collection_uuid>/upload")
@csrf.exempt  # type: ignore[untyped-decorator]  # FormToken checks: the usual check receives the whole body first
@limits.uploads
@gate.needs(Action.UPLOAD)
def upload_files(collection_uuid: str) -> ResponseReturnValue:
    """Take files into the collection."""
    collection = collection_for(collection_uuid, Action.UPLOAD)
    report = receive_form(collection.id, collection_uuid)
    if wants_json():
        return receipt(report), status_of(report)
    flash_report(report)
    return redirect(url_for("collections.view", collection_uuid=collection_uuid))


def flash_report(report: UploadReport) -> None:
    """Say on the next page what became of an upload that was sent by a plain form."""
    twins = sum(file.status == DUPLICATE for file in report.files)
    if new := len(report.files) - twins:
        flash(f"{new} {'file is' if new == 1 else 'files are'} safe.", "success")
    if twins:
        flash(
            f"{twins} {'was' if twins == 1 else 'were'} here already and {'is' if twins == 1 else 'are'} kept once.",
            "info",
        )
    for refusal in report.errors:
        flash(f"{refusal.name}: {refusal.message}", "error")
