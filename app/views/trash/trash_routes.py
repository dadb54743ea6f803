"""Delete files and collections, and restore them from the bin."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.errors import Conflict, NotFound
from app.models import Collection, File
from app.services.access.rules import Action, manages
from app.services.trash import contents as trash
from app.services.trash.deletion import Deleted, DeletionService
from app.views import audit_request, gate
from app.views.answers import wants_json
from app.views.loading import collection_for, file_for
from app.views.visitors import account_id, current_visitor

bp = Blueprint("trash", __name__, url_prefix="/collections", template_folder="templates")

KIND = "<any(files,collections):kind>"
ONE_OF = {"files": "file", "collections": "collection"}


@bp.route("/files/<file_uuid>/delete", methods=["GET", "POST"])
@gate.needs(Action.MANAGE)
def delete_file(file_uuid: str) -> ResponseReturnValue:
    """Ask for confirmation to delete a file; by POST, delete it."""
    file = file_for(file_uuid, Action.MANAGE)
    back = url_for("collections.view", collection_uuid=file.collection.uuid)
    if request.method != "POST":  # GET or HEAD
        return render_template("trash/confirm.html", kind="file", name=file.original_filename, back=back)
    deleted = DeletionService().delete_file(file.id, current_visitor().user_id)
    audit_request.note("file.deleted", file=file_uuid)
    return deleted_response(deleted, back)


@bp.route("/<collection_uuid>/delete", methods=["GET", "POST"])
@gate.needs(Action.MANAGE)
def delete_collection(collection_uuid: str) -> ResponseReturnValue:
    """Ask for confirmation to delete a collection; by POST, delete it."""
    collection = collection_for(collection_uuid, Action.MANAGE)
    if request.method != "POST":
        back = url_for("collections.edit", collection_uuid=collection_uuid)
        return render_template("trash/confirm.html", kind="collection", name=collection.title, back=back)
    deleted = DeletionService().delete_collection(collection.id, current_visitor().user_id)
    audit_request.note("collection.deleted", collection=collection_uuid)
    return deleted_response(deleted, url_for("collections.index"))


def deleted_response(deleted: Deleted, back: str) -> ResponseReturnValue:
    """JSON with the UUID and until when it can be restored, or a message and a redirect to `back`."""
    until = deleted.recoverable_until
    if wants_json():
        return jsonify(deleted=deleted.uuid, recoverable_until=iso(until))
    days = f"is in the bin until {until.day} {until:%B %Y}" if until else "is deleted permanently"
    flash(f"“{deleted.name}” {days}.", "success")
    return redirect(back)


@bp.get("/bin")
@gate.needs(gate.ACCOUNT)
def contents() -> ResponseReturnValue:
    """List the bin: deleted files and collections that still exist."""
    found = trash.contents(account_id(), all_owners=current_visitor().is_admin)
    if wants_json():
        listed = {kind: [as_json(item) for item in getattr(found, kind)] for kind in ("collections", "files")}
        return jsonify(**listed, more=found.more)
    return render_template("trash/bin.html", bin=found)


@bp.post(f"/bin/{KIND}/<uuid>/restore")
@gate.needs(Action.MANAGE)
def restore(kind: str, uuid: str) -> ResponseReturnValue:
    """Restore a file or collection from the bin."""
    row = in_bin(kind, uuid)
    collection_uuid = (row.collection if isinstance(row, File) else row).uuid
    service = DeletionService()
    try:
        service.restore_file(row.id) if isinstance(row, File) else service.restore_collection(row.id)
    except Conflict as error:
        if wants_json():
            raise
        flash(error.message, "error")
        return redirect(url_for("trash.contents"))
    audit_request.note(f"{ONE_OF[kind]}.restored", **{ONE_OF[kind]: uuid})
    if wants_json():
        return jsonify(restored=uuid)
    flash("Restored.", "success")
    return redirect(url_for("collections.view", collection_uuid=collection_uuid))


@bp.route(f"/bin/{KIND}/<uuid>/purge", methods=["GET", "POST"])
@gate.needs(Action.MANAGE)
def purge(kind: str, uuid: str) -> ResponseReturnValue:
    """Ask for confirmation to delete an item of the bin permanently; by POST, start that."""
    row = in_bin(kind, uuid)
    back = url_for("trash.contents")
    if request.method != "POST":
        name = row.original_filename if isinstance(row, File) else row.title
        return render_template("trash/confirm.html", kind="permanent", name=name, back=back)
    service = DeletionService()
    service.delete_file_permanently(row.id) if isinstance(row, File) else service.delete_collection_permanently(row.id)
    audit_request.note(f"{ONE_OF[kind]}.purged", **{ONE_OF[kind]: uuid})
    if wants_json():
        return jsonify(removing=uuid), 202
    flash("Deleting permanently…", "success")
    return redirect(back)


def in_bin(kind: str, uuid: str) -> File | Collection:
    """The file or collection in the bin, if the visitor manages it; raises SignInRequired or NotFound."""
    account_id()
    row = trash.file_in_bin(uuid) if kind == "files" else trash.collection_in_bin(uuid)
    if not manages(current_visitor(), row.collection if isinstance(row, File) else row):
        raise NotFound
    gate.admitted(Action.MANAGE)
    return row


def as_json(item: trash.BinItem) -> dict[str, Any]:
    """An item of the bin as JSON."""
    moments = {"deleted_at": iso(item.deleted_at), "recoverable_until": iso(item.recoverable_until)}
    return asdict(item) | moments


def iso(moment: datetime | None) -> str | None:
    """A time in ISO 8601; None stays None."""
    return moment.isoformat() if moment else None
