"""Base of verification and the search for orphans: compare all rows with the objects of their stores."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from flask import current_app

from app.integrations.base import LEFTOVER_AGE
from app.services.maintenance import rows
from app.services.maintenance.inventory import Inventory
from app.services.maintenance.rows import FileRow
from app.services.progress import Progress, silent
from app.services.storage_service import StorageService


class Comparison:
    """Compares rows with stores; must be created inside an app context."""

    def __init__(
        self,
        storage: StorageService | None = None,
        progress: Progress = silent,
        orphan_age: timedelta = LEFTOVER_AGE,
    ) -> None:
        self._storage = storage or StorageService()
        self._orphan_age = orphan_age
        self._progress = progress
        self._folder = Path(current_app.config["MAINTENANCE_PATH"])

    def _added_to(self, inventory: Inventory) -> Iterator[list[FileRow]]:
        """Yield all rows in batches, each after adding it to the inventory."""
        with self._progress("Reading rows", rows.count()) as advance:
            for batch in rows.batches():
                inventory.add(batch)
                yield batch
                advance(len(batch))
