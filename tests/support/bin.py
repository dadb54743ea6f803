"""Deleting and restoring by uuid, and a look at what is stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from app import Proofsheet
from app.models import Collection, File, db
from app.services import lookup
from app.services.trash.deletion import DeletionService
from app.services.trash.purge import PurgeService


def objects(app: Proofsheet) -> set[str]:
    """The keys in the local store."""
    root = Path(app.config["STORAGE_PATH"])
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def names(app: Proofsheet, collection_uuid: str) -> list[str]:
    """What the files of a collection are called, those in the bin left out."""
    with app.app_context():
        collection = lookup.by_uuid(collection_uuid)
        return [file.original_filename for file in lookup.files_of(collection)]


class Bin:
    """Deletes and restores by uuid."""

    def __init__(self, app: Proofsheet) -> None:
        self.app = app

    def id_of(self, uuid: str) -> int:
        """The id of a file or a collection, deleted or not."""
        with self.app.app_context():
            for table in (File, Collection):
                if found := db.session.scalar(select(table.id).where(table.uuid == uuid)):
                    return int(found)
        raise LookupError(uuid)

    def call(self, method: str, uuid: str, *arguments: Any) -> Any:
        """One call of the service, in a context of its own."""
        with self.app.app_context():
            return getattr(DeletionService(), method)(self.id_of(uuid), *arguments)

    def delete_file(self, uuid: str) -> Any:
        """Into the bin."""
        return self.call("delete_file", uuid, None)

    def delete_collection(self, uuid: str) -> Any:
        """Into the bin."""
        return self.call("delete_collection", uuid, None)

    def purge(self) -> int:
        """One round of the sweep's, however slow the disk is."""
        with self.app.app_context():
            return PurgeService().purge_due(seconds=60.0)

    def rows(self) -> tuple[int, int]:
        """How many files and collections are left, deleted or not."""
        with self.app.app_context():
            return db.session.query(File).count(), db.session.query(Collection).count()
