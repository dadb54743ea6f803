"""The JSON of collections, files and variants in the API."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, url_for
from marshmallow import Schema

from app.models import Collection, File, Variant
from app.services.collections import photo_info
from app.services.collections.photo_info import reason_for
from app.views.api.schemas import LADDER


def json_response(schema: type[Schema], facts: Any) -> Response:
    """A JSON response: `facts` serialized by a schema."""
    return jsonify(schema().dump(facts))


def collection_facts(collection: Collection) -> dict[str, Any]:
    """The values of a collection for `CollectionAnswer`."""
    names = ("uuid", "title", "description", "privacy", "expires_at", "downloads_allowed", "hides_location")
    facts = {name: getattr(collection, name) for name in (*names, "event_date", "sort_order", "created_at")}
    return facts | {"url": url_for("collections.view", collection_uuid=collection.uuid)}


def file_facts(file: File, collection_uuid: str) -> dict[str, Any]:
    """The values of a file for `FileAnswer`, as its owner sees them."""
    names = ("uuid", "size", "sha256", "width", "height", "created_at")
    made = [variant for variant in file.variants if variant.name in LADDER]
    return {name: getattr(file, name) for name in names} | {
        "taken_at": photo_info.moment_of(file),
        **photo_info.date_facts(file),
        "collection": collection_uuid,
        "name": file.original_filename,
        "type": file.mime_type,
        "status": file.processing_status,
        "reason": reason_for(file, is_owner=True),
        "damage": photo_info.damage_of(file),
        "original": url_for("api.original", file_uuid=file.uuid),
        "variants": [variant_facts(variant, file.uuid) for variant in sorted(made, key=lambda each: each.width)],
    }


def variant_facts(variant: Variant, file_uuid: str) -> dict[str, Any]:
    """The values of a variant for `VariantAnswer`."""
    facts = {name: getattr(variant, name) for name in ("name", "width", "height", "size")}
    return facts | {"url": url_for("api.variant", file_uuid=file_uuid, name=variant.name)}
