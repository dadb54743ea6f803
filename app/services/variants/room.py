"""How many bytes a collection has left for variants that nobody has asked for yet.

What is stored of a collection stays below TARGET times its originals, unless visitors ask for more: `large` is made
ahead only where it fits in, else when it is first asked for. The sum over a collection is not read for each photo: a
process may spend a SHARE of what was left before it reads again, so that several together do not spend it twice.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from sqlalchemy import func, select

from app.imaging import variants
from app.models import File, Variant
from app.services.lookup import live_files
from app.services.transactions import reading
from app.services.variants import private_originals

TARGET = 1.1
SHARE = 1 / 8
FRESH_SECONDS = 10.0
COLLECTIONS = 1000  # remembered at the same time


@dataclass
class _Budget:
    """Bytes left in a collection when they were counted, and what this process has spent since."""

    left: float
    counted_at: float
    spent: float = 0.0

    def is_stale(self, size: float) -> bool:
        """Whether the bytes have to be counted anew before this many are spent; what was too much stays so a while."""
        is_old = time.monotonic() - self.counted_at > FRESH_SECONDS
        return is_old or (self.spent > 0 and self.spent + size > self.left * SHARE)


class Room:
    """What this process knows of the collections that it makes variants for; to be used inside an app context."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._budgets: dict[int, _Budget] = {}

    def take(self, file_id: int, name: str) -> bool:
        """Whether a variant of the ladder fits in; if so it counts as made."""
        found = _expected(file_id, variants.by_name(name))
        if found is None:
            return False
        collection_id, size = found
        with self._lock:
            budget = self._budgets.get(collection_id)
            if budget is None or budget.is_stale(size):
                budget = self._counted(collection_id)
            if size > budget.left - budget.spent:
                return False
            budget.spent += size
            return True

    def _counted(self, collection_id: int) -> _Budget:
        if len(self._budgets) >= COLLECTIONS:
            self._budgets.clear()
        budget = self._budgets[collection_id] = _Budget(_left(collection_id), time.monotonic())
        return budget


def _expected(file_id: int, spec: variants.VariantSpec) -> tuple[int, float] | None:
    """The collection of a file, and the most bytes that a variant may take: as many for a pixel as its medium has."""
    query = (
        select(File.collection_id, File.width, File.height, Variant.size, Variant.width * Variant.height)
        .join(Variant, (Variant.file_id == File.id) & (Variant.name == "medium"))
        .where(File.id == file_id)
    )
    with reading() as session:
        row = session.execute(query).one_or_none()
    if row is None:
        return None
    collection_id, width, height, medium_bytes, medium_pixels = row
    wide, high = variants.fit(spec, width or 0, height or 0)
    return collection_id, medium_bytes * (wide * high) / medium_pixels


def _left(collection_id: int) -> float:
    """Bytes; a cleaned original is a download of its own, and no variant of a picture."""
    live = live_files(collection_id)
    originals = select(func.coalesce(func.sum(File.size), 0)).where(*live)
    made = (
        select(func.coalesce(func.sum(Variant.size), 0))
        .join(File, File.id == Variant.file_id)
        .where(*live, Variant.name != private_originals.NAME)
    )
    with reading() as session:
        sums = session.execute(select(originals.scalar_subquery(), made.scalar_subquery())).one()
    return float(sums[0]) * (TARGET - 1) - float(sums[1])
