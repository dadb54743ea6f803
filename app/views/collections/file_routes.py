"""The URLs of one file: original, variants, tile, information and retry."""

from __future__ import annotations

from flask import current_app, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.errors import NotFound
from app.imaging import variants
from app.services.access.rules import Action
from app.services.collections import order, photo_info, tile_rows
from app.services.delivery import DeliveryService
from app.services.variants.on_demand import OnDemand
from app.views import audit_request, gate, limits
from app.views.answers import deliver, wants_json
from app.views.collections import tiles
from app.views.collections.blueprint import bp
from app.views.collections.page import reading_order
from app.views.collections.tile_html import tiles_html
from app.views.loading import file_for
from app.views.visitors import current_visitor

NAMES = frozenset(spec.name for spec in variants.LADDER)


@bp.get("/files/<file_uuid>/original")
@limits.pictures
@gate.needs(Action.DOWNLOAD)
def serve_file(file_uuid: str) -> ResponseReturnValue:
    """Download the original; clients get it without location if the collection hides that."""
    file = file_for(file_uuid, Action.DOWNLOAD)
    return audit_request.downloaded(file, deliver(DeliveryService(current_visitor()).original(file)))


@bp.get("/files/<file_uuid>/thumbnail")
@limits.pictures
@gate.needs(Action.BROWSE)
def serve_thumbnail(file_uuid: str) -> ResponseReturnValue:
    """The square thumbnail."""
    return variant_of(file_uuid, "thumb")


@bp.get("/files/<file_uuid>/preview")
@limits.pictures
@gate.needs(Action.BROWSE)
def serve_preview(file_uuid: str) -> ResponseReturnValue:
    """The image of the lightbox, 1200 pixels wide."""
    return variant_of(file_uuid, "medium")


@bp.get("/files/<file_uuid>/variants/<name>")
@limits.pictures
@gate.needs(Action.BROWSE)
def serve_variant(file_uuid: str, name: str) -> ResponseReturnValue:
    """A variant by its name: thumb, small, medium or large."""
    return variant_of(file_uuid, name)


def variant_of(file_uuid: str, name: str) -> ResponseReturnValue:
    """A variant; while it is missing, the original if the visitor may download it.

    Never the original instead of `large`: the page already shows the preview, and the original may have 30 MB.
    """
    file = file_for(file_uuid, Action.BROWSE)
    service, or_original = DeliveryService(current_visitor()), variants.by_name(checked_name(name)).at_upload
    delivery, exact = service.variant(file, name, or_original=or_original, accepted=accepted_formats())
    response = deliver(delivery, exact=exact)
    if current_app.config["VARIANT_EXTRA_FORMATS"]:
        response.vary.add("Accept")
    return response


def checked_name(name: str) -> str:
    """The name of a variant; raises NotFound for an unknown one."""
    if name not in NAMES:
        raise NotFound
    return name


def accepted_formats() -> list[str]:
    """The formats of VARIANT_EXTRA_FORMATS that the browser accepts, in the order of the setting."""
    named = {mime for mime, quality in request.accept_mimetypes if quality > 0}
    return [name for name in current_app.config["VARIANT_EXTRA_FORMATS"] if f"image/{name}" in named]


@bp.get("/files/<file_uuid>/tile")
@gate.needs(Action.BROWSE)
def tile(file_uuid: str) -> ResponseReturnValue:
    """The HTML of one tile, to update an open page."""
    file = file_for(file_uuid, Action.BROWSE)
    rights = tiles.Rights.of(current_visitor(), file.collection)
    index = order.position(file, reading_order(file.collection)) if file.is_image else 0
    return str(tiles_html(tile_rows.of_ids([file.id]), rights, index))


@bp.get("/files/<file_uuid>/info")
@gate.needs(Action.BROWSE)
def info(file_uuid: str) -> ResponseReturnValue:
    """The information about a photo as JSON; its location for the owner only."""
    file = file_for(file_uuid, Action.BROWSE)
    rights = tiles.Rights.of(current_visitor(), file.collection)
    return jsonify(photo_info.about(file, is_owner=rights.is_owner, downloads_allowed=rights.downloads_allowed))


@bp.post("/files/<file_uuid>/retry")
@gate.needs(Action.MANAGE)
def retry_file(file_uuid: str) -> ResponseReturnValue:
    """Retry a failed file."""
    file = file_for(file_uuid, Action.MANAGE)
    collection_uuid = file.collection.uuid
    OnDemand().retry(file.id)
    if wants_json():
        return jsonify(status="pending"), 202
    return redirect(url_for("collections.view", collection_uuid=collection_uuid))
