"""What verifying and looking for orphans have in common: every row, read once, beside the stores that they name."""

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
    """Rows and stores, to be compared; must be made inside an app context."""

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

    def _taken_up(self, inventory: Inventory) -> Iterator[list[FileRow]]:
        """Every row, a batch at a time, after the inventory has taken it up."""
        with self._progress("Reading rows", rows.count()) as advance:
            for batch in rows.batches():
                inventory.add(batch)
                yield batch
                advance(len(batch))
