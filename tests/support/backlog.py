"""Originals without variants in the rows and store of a server, as one that is older than its variants has them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert

from app.models import Collection, File, ProcessingStatus, new_uuid, utc_now
from app.services.storage_service import original_key
from tests.support.server import LiveServer

AGE = timedelta(days=30)  # what is older than an hour counts as backfill
AT_REST = ProcessingStatus.COMPLETED  # which no sweep takes up before the backfill does


def fill(server: LiveServer, photos: Iterable[bytes]) -> str:
    """Store these JPEGs as a public collection of a month ago; returns its uuid."""
    collection = {"id": _next_id(server), "uuid": new_uuid(), "title": "Before", "privacy": "public"}
    rows = [_stored(server.storage, collection, photo) for photo in photos]
    with create_engine(f"sqlite:///{server.database}").begin() as connection:
        connection.execute(insert(Collection).values(collection))
        connection.execute(insert(File), rows)
    return str(collection["uuid"])


def _next_id(server: LiveServer) -> int:
    ((highest,),) = server.rows("SELECT max(id) FROM collections")
    return int(highest or 0) + 1


def _stored(storage: Path, collection: dict[str, Any], photo: bytes) -> dict[str, Any]:
    uuid = new_uuid()
    key = original_key(collection["uuid"], f"{uuid}.jpg")
    path = storage / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(photo)
    return {
        "uuid": uuid,
        "filename": path.name,
        "original_filename": f"{uuid[:8]}.jpg",
        "mime_type": "image/jpeg",
        "size": len(photo),
        "sha256": hashlib.sha256(photo).hexdigest(),
        "storage_path": key,
        "upload_complete": True,
        "collection_id": collection["id"],
        "processing_status": AT_REST,
        "created_at": utc_now() - AGE,
    }
