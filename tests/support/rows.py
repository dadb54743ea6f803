"""Rows of files without the files, for tests of order and numbers; inside an app context."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert

from app.models import Collection, File, ProcessingStatus, db, new_uuid


def add(collection: Collection, **columns: Any) -> dict[str, Any]:
    """The row of a picture that is ready."""
    uuid = new_uuid()
    fixed = {"uuid": uuid, "filename": uuid, "storage_path": uuid, "collection_id": collection.id, "size": 1}
    ready = {"upload_complete": True, "mime_type": "image/jpeg", "processing_status": ProcessingStatus.COMPLETED}
    return fixed | ready | {"original_filename": "x.jpg", "width": 3, "height": 2} | columns


def fill(*rows: dict[str, Any]) -> None:
    """Insert these rows."""
    db.session.execute(insert(File), rows)
    db.session.commit()
