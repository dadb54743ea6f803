"""The URLs of one file: original, variants, tile, information and retry."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.errors import NotFound
from app.imaging import variants
from app.models import File
from app.services.access.rules import Action, gets_untouched
from app.services.collections import order, photo_info, tile_rows
from app.services.delivery.files import DeliveryService, original_etag, variant_etag
from app.services.delivery.pictures import Picture
from app.services.variants import private_originals
from app.services.variants.on_demand import OnDemand
from app.views import audit_request, gate, limits
from app.views.answers import deliver, unchanged, wants_json
from app.views.collections import tiles
from app.views.collections.blueprint import bp
from app.views.collections.page import reading_order
from app.views.collections.tile_html import tiles_html
from app.views.loading import file_for, picture_for
from app.views.visitors import current_visitor

NAMES = frozenset(spec.name for spec in variants.LADDER)


@bp.get("/files/<file_uuid>/original")
@limits.originals
@gate.needs(Action.DOWNLOAD)
def serve_file(file_uuid: str) -> ResponseReturnValue:
    """Download the original; clients get it without location if the collection hides that."""
    picture = picture_for(file_uuid, private_originals.NAME, Action.DOWNLOAD)
    response = _ready_original(picture) if picture else None
    if picture is None or response is None:
        file = file_for(file_uuid, Action.DOWNLOAD)
        return audit_request.downloaded(file, deliver(DeliveryService(current_visitor()).original(file)))
    return audit_request.downloaded(picture, response)


def _ready_original(picture: Picture) -> Response | None:
    """The original, or the copy without location for this visitor; None if that must be made or is withheld."""
    if not gets_untouched(current_visitor(), picture.collection):
        return _ready_variant(picture)
    return unchanged(original_etag(picture)) or deliver(DeliveryService(current_visitor()).untouched(picture))


@bp.get("/files/<file_uuid>/thumbnail")
@gate.needs(Action.BROWSE)
def serve_thumbnail(file_uuid: str) -> ResponseReturnValue:
    """The square thumbnail."""
    return variant_of(file_uuid, "thumb")


@bp.get("/files/<file_uuid>/preview")
@gate.needs(Action.BROWSE)
def serve_preview(file_uuid: str) -> ResponseReturnValue:
    """The image of the lightbox, 1200 pixels wide."""
    return variant_of(file_uuid, "medium")


@bp.get("/files/<file_uuid>/variants/<name>")
@gate.needs(Action.BROWSE)
def serve_variant(file_uuid: str, name: str) -> ResponseReturnValue:
    """A variant by its name: thumb, small, medium or large."""
    return variant_of(file_uuid, name)


def variant_of(file_uuid: str, name: str) -> ResponseReturnValue:
    """A variant; while it is missing, the original if the visitor may download it.

    Never the original instead of `large`: the page already shows the preview, and the original may have 30 MB.
    """
    accepted = accepted_formats()
    picture = None if accepted else picture_for(file_uuid, checked_name(name), Action.BROWSE)
    response = _ready_variant(picture) if picture else None
    if response is None:
        response = _variant_or_fallback(file_for(file_uuid, Action.BROWSE), checked_name(name), accepted)
    if current_app.config["VARIANT_EXTRA_FORMATS"]:
        response.vary.add("Accept")
    return response


def _ready_variant(picture: Picture) -> Response | None:
    """The recorded variant of a picture; None if it must be made."""
    if picture.variant is None:
        return None
    if response := unchanged(variant_etag(picture, picture.key, picture.variant.size)):
        return response
    delivery = DeliveryService(current_visitor()).recorded(picture)
    return deliver(delivery) if delivery else None


def _variant_or_fallback(file: File, name: str, accepted: Sequence[str]) -> Response:
    or_original = variants.by_name(name).at_upload
    service = DeliveryService(current_visitor())
    delivery, exact = service.variant(file, name, or_original=or_original, accepted=accepted)
    return deliver(delivery, exact=exact)


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
    return str(tiles_html(tile_rows.of_ids([file.id], rights.extra), rights, index))


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
