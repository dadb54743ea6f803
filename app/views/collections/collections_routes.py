"""List, create, edit and open collections, and upload into them; importing it registers the URLs of files as well."""

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
from app.views.collections import gallery_routes, live_routes
from app.views.collections.blueprint import bp
from app.views.collections.cards import card_of
from app.views.collections.file_routes import serve_file, serve_preview, serve_thumbnail
from app.views.collections.forms import CollectionForm, PasswordForm
from app.views.loading import collection_for
from app.views.uploads.receiving import receipt, receive_form, status_of
from app.views.visitors import account_id, current_visitor, grant, visitor_of

__all__ = ["bp", "gallery_routes", "live_routes", "serve_file", "serve_preview", "serve_thumbnail", "upload_files"]

WRONG = "That password isn’t right. Check capital letters and try again."


# --- pages ---------------------------------------------------------------------------------


@bp.get("/")
@gate.needs(gate.ACCOUNT)
def index() -> ResponseReturnValue:
    """List the collections of the account; of all accounts for an administrator."""
    summaries = overview.owned_by(account_id(), all_owners=current_visitor().is_admin)
    return render_template("collections/index.html", cards=[card_of(summary) for summary in summaries])


@bp.get("/new")
@gate.needs(gate.ACCOUNT)
def new() -> ResponseReturnValue:
    """Show the form for a new collection."""
    return render_template("collections/edit.html", form=CollectionForm(), collection=None)


@bp.post("/")
@gate.needs(gate.ACCOUNT)
def create() -> ResponseReturnValue:
    """Create a collection."""
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
    """Show the form of a collection; by POST, save it."""
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
    """Flash a warning if the saved expiry is in the past."""
    if form.expires_at.data is not None and form.expires_at.data <= utc_now():
        flash("The expiry date is in the past, so clients can’t open this collection. Nothing is deleted.", "error")


def checked(form: CollectionForm) -> editing.CollectionDetails:
    """The values of the form; raises Invalid with the invalid fields."""
    form.require()
    return form.details()


def form_refused(error: Invalid, form: CollectionForm, collection: Collection | None) -> ResponseReturnValue:
    """The form with its errors, or the errors as JSON."""
    if wants_json():
        return json_error(422, error.code, error.message, fields=error.fields)
    form.refuse(error)
    return render_template("collections/edit.html", form=form, collection=collection), 422


@bp.route("/<collection_uuid>/password", methods=["GET", "POST"])
@gate.needs(gate.NOTHING)
def password_required(collection_uuid: str) -> ResponseReturnValue:
    """Ask for a collection's password; by POST, open the collection in this session if it is right."""
    if request.method == "POST":
        limits.guesses().require(*limits.of_collection(collection_uuid))  # before any expensive work
    collection = lookup.by_uuid(collection_uuid)
    if collection.privacy != Privacy.PASSWORD or allowed(visitor_of(collection), collection, Action.BROWSE):
        gate.admit(collection, Action.BROWSE)
        return redirect(url_for("collections.view", collection_uuid=collection_uuid))
    if collection.is_expired:
        gate.admit(collection, Action.BROWSE)
    form = PasswordForm()
    if not form.is_submitted():
        return password_page(form, collection)
    if form.validate() and opens(collection, form.password.data):
        audit_request.note("password.given", collection=collection_uuid)
        grant(collection)
        url = url_for("collections.view", collection_uuid=collection_uuid)
        return jsonify(url=url) if wants_json() else redirect(url)
    audit_request.note("password.refused", collection=collection_uuid)
    if wants_json():
        return json_error(401, "wrong_password", WRONG)
    status = 422 if form.wrong else 401
    form.password.errors = form.password.errors or [WRONG]
    return password_page(form, collection), status


def password_page(form: PasswordForm, collection: Collection) -> str:
    """The page that asks for a collection’s password; names the photographer."""
    owner_name = collection.owner.name if collection.owner else ""
    return render_template("collections/password.html", form=form, collection=collection, owner_name=owner_name)


def opens(collection: Collection, password: str) -> bool:
    """Whether the password is right; raises TooOften."""
    bounds = limits.of_collection(collection.uuid)
    return limits.guesses().evaluate(lambda: editing.password_is_right(collection, password), *bounds)


# --- uploads -------------------------------------------------------------------------------


@bp.post("/<collection_uuid>/upload")
@csrf.exempt  # type: ignore[untyped-decorator]  # FormToken checks: the usual check reads the body first
@limits.uploads
@gate.needs(Action.UPLOAD)
def upload_files(collection_uuid: str) -> ResponseReturnValue:
    """Upload files into the collection."""
    collection = collection_for(collection_uuid, Action.UPLOAD)
    report = receive_form(collection.id, collection_uuid)
    if wants_json():
        return receipt(report), status_of(report)
    flash_report(report)
    return redirect(url_for("collections.view", collection_uuid=collection_uuid))


def flash_report(report: UploadReport) -> None:
    """Flash the result of an upload by a plain form, without scripts."""
    twins = sum(file.status == DUPLICATE for file in report.files)
    if new := len(report.files) - twins:
        flash(f"{new} {'file' if new == 1 else 'files'} uploaded.", "success")
    if twins:
        flash(f"{twins} already uploaded – skipped.", "info")
    for refusal in report.errors:
        flash(f"{refusal.name}: {refusal.message}", "error")
