"""Find objects in the stores that no row names, and delete them on request."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from app.errors import Invalid, StorageError
from app.integrations.base import StoredObject
from app.models import utc_now
from app.services.maintenance import rows
from app.services.maintenance.comparison import Comparison
from app.services.maintenance.inventory import Inventory
from app.services.maintenance.verify import OUR_PREFIX, is_orphan

BATCH = 500  # orphans checked again by one statement before they are deleted
FEW = 100  # orphans that may be deleted however few objects remain


@dataclass(frozen=True, slots=True)
class Orphan:
    """An object without a row; `problem` is the reason why deleting it failed, else None."""

    backend: str
    key: str
    size: int
    problem: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the item as printed by `--json`."""
        return {"backend": self.backend, "key": self.key, "size": self.size, "problem": self.problem}


class Orphans(Comparison):
    """Finds orphans in every configured store; must be created inside an app context."""

    def find(self) -> Generator[Orphan, None, None]:
        """Yield the objects older than 24 h that no row names."""
        with Inventory(self._folder) as inventory:
            self._fill(inventory)
            for backend in self._storage.backends():
                yield from self._of(inventory, backend)

    def delete(self, *, sure: bool = False) -> Generator[Orphan, None, None]:
        """Delete the orphans and yield each; skips those that a row has named since.

        Without `sure`, raises Invalid before deleting if more than FEW objects of a store would go and fewer stay,
        which suggests a wrong database.
        """
        with Inventory(self._folder) as inventory:
            self._fill(inventory)
            for backend in self._storage.backends():
                if not sure:
                    self._require_minority(inventory, backend)
                orphans = self._of(inventory, backend)
                while batch := list(islice(orphans, BATCH)):
                    yield from self._delete(batch)

    def sweep_leftovers(self) -> int:
        """Delete unfinished writes in the configured stores; returns their number."""
        arriving = rows.arriving()
        return sum(self._storage.named(name).sweep_leftovers(keep=arriving) for name in self._storage.backends())

    def _fill(self, inventory: Inventory) -> None:
        for _ in self._added_to(inventory):
            pass

    def _of(self, inventory: Inventory, backend: str) -> Iterator[Orphan]:
        oldest = utc_now() - self._orphan_age
        with self._progress(f"Listing the store '{backend}'", inventory.counts().get(backend, 0)) as advance:
            for pairing in inventory.paired(backend, self._listing(backend)):
                advance(len(pairing.expected))
                if pairing.stored is not None and not pairing.expected and is_orphan(pairing.stored, oldest):
                    yield Orphan(backend, pairing.key, pairing.stored.size)

    def _listing(self, backend: str) -> Iterator[StoredObject]:
        return self._storage.named(backend).list(OUR_PREFIX)

    def _require_minority(self, inventory: Inventory, backend: str) -> None:
        going = staying = 0
        oldest = utc_now() - self._orphan_age
        for pairing in inventory.paired(backend, self._listing(backend)):
            if pairing.stored is not None:
                orphaned = not pairing.expected and is_orphan(pairing.stored, oldest)
                going, staying = going + orphaned, staying + (not orphaned)
        if going > max(FEW, staying):
            raise Invalid(
                f"{going} objects in '{backend}' have no row, and only {staying} would stay. Check that this is the "
                "right database for that store. If it is, add --sure."
            )

    def _delete(self, batch: list[Orphan]) -> Iterator[Orphan]:
        taken = rows.recorded([orphan.key for orphan in batch])
        for orphan in batch:
            if orphan.key not in taken:
                yield self._deleted(orphan)

    def _deleted(self, orphan: Orphan) -> Orphan:
        try:
            self._storage.named(orphan.backend).delete(orphan.key)
        except StorageError as error:
            return replace(orphan, problem=error.message)
        return orphan
