"""Objects that no row names: found by listing the stores beside the rows, and removed on request."""

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
from app.services.maintenance.verify import OURS, is_orphan

BATCH = 500  # orphans that are looked up once more by one statement before they go
FEW = 100  # up to so many may go whatever else the store holds


@dataclass(frozen=True, slots=True)
class Orphan:
    """An object without a row; `problem` says why it could not be removed, None that it was or need not be."""

    backend: str
    key: str
    size: int
    problem: str | None = None

    def as_json(self) -> dict[str, Any]:
        """What `--json` says of it."""
        return {"backend": self.backend, "key": self.key, "size": self.size, "problem": self.problem}


class Orphans(Comparison):
    """Finds them in every store that the rows or the settings name; must be made inside an app context."""

    def found(self) -> Generator[Orphan, None, None]:
        """Every object older than 24 h that no row names."""
        with Inventory(self._folder) as inventory:
            self._fill(inventory)
            for backend in self._storage.backends():
                yield from self._of(inventory, backend)

    def removed(self, *, sure: bool = False) -> Generator[Orphan, None, None]:
        """The same, and each removed, unless a row names it by now.

        Raises Invalid, before anything is removed, if more would go than stay and nobody is `sure`: then it is more
        likely that the database is the wrong one.
        """
        with Inventory(self._folder) as inventory:
            self._fill(inventory)
            for backend in self._storage.backends():
                if not sure:
                    self._refuse_plunder(inventory, backend)
                orphans = self._of(inventory, backend)
                while batch := list(islice(orphans, BATCH)):
                    yield from self._remove(batch)

    def sweep_leftovers(self) -> int:
        """Remove what interrupted writes left in the stores that are configured; returns how many."""
        arriving = rows.arriving()
        return sum(self._storage.named(name).sweep_leftovers(keep=arriving) for name in self._storage.backends())

    def _fill(self, inventory: Inventory) -> None:
        for _ in self._taken_up(inventory):
            pass

    def _of(self, inventory: Inventory, backend: str) -> Iterator[Orphan]:
        oldest = utc_now() - self._orphan_age
        with self._progress(f"Listing the store '{backend}'", inventory.counts().get(backend, 0)) as advance:
            for pairing in inventory.paired(backend, self._listing(backend)):
                advance(len(pairing.expected))
                if pairing.stored is not None and not pairing.expected and is_orphan(pairing.stored, oldest):
                    yield Orphan(backend, pairing.key, pairing.stored.size)

    def _listing(self, backend: str) -> Iterator[StoredObject]:
        return self._storage.named(backend).list(OURS)

    def _refuse_plunder(self, inventory: Inventory, backend: str) -> None:
        going = staying = 0
        oldest = utc_now() - self._orphan_age
        for pairing in inventory.paired(backend, self._listing(backend)):
            if pairing.stored is not None:
                orphaned = not pairing.expected and is_orphan(pairing.stored, oldest)
                going, staying = going + orphaned, staying + (not orphaned)
        if going > max(FEW, staying):
            raise Invalid(
                f"{going} objects in '{backend}' have no row and only {staying} would stay. Is this the right "
                "database for that store? If it is, say --sure."
            )

    def _remove(self, batch: list[Orphan]) -> Iterator[Orphan]:
        taken = rows.recorded([orphan.key for orphan in batch])
        for orphan in batch:
            if orphan.key not in taken:
                yield self._without(orphan)

    def _without(self, orphan: Orphan) -> Orphan:
        try:
            self._storage.named(orphan.backend).delete(orphan.key)
        except StorageError as error:
            return replace(orphan, problem=error.message)
        return orphan
