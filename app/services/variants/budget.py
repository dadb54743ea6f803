"""Storage budget of a collection for variants that are made before a visitor requests them.

Originals and variants together take at most TARGET times the bytes of the originals. A `large` that would exceed this
is not made in advance but on the first request of a visitor, whatever the total is then.

The stored bytes are not summed for each photo. A process may spend SHARE of the remaining bytes before it sums again,
so that several processes do not overspend.
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
MAX_CACHED = 1000  # collections


@dataclass
class _Balance:
    """Bytes left in a collection when they were counted, and the bytes this process has spent since."""

    left: float
    counted_at: float
    spent: float = 0.0

    def is_stale(self, size: float) -> bool:
        """Return whether to count again: after FRESH_SECONDS, or once spending would exceed SHARE of the bytes left."""
        is_old = time.monotonic() - self.counted_at > FRESH_SECONDS
        return is_old or (self.spent > 0 and self.spent + size > self.left * SHARE)


class VariantBudget:
    """The balances of recent collections, cached in this process; must be used inside an app context."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._balances: dict[int, _Balance] = {}

    def reserve(self, file_id: int, name: str) -> bool:
        """Return whether a variant fits into the budget of its collection; if so, its bytes count as spent."""
        found = _expected(file_id, variants.by_name(name))
        if found is None:
            return False
        collection_id, size = found
        with self._lock:
            balance = self._balances.get(collection_id)
            if balance is None or balance.is_stale(size):
                balance = self._counted(collection_id)
            if size > balance.left - balance.spent:
                return False
            balance.spent += size
            return True

    def _counted(self, collection_id: int) -> _Balance:
        if len(self._balances) >= MAX_CACHED:
            self._balances.clear()
        balance = self._balances[collection_id] = _Balance(_left(collection_id), time.monotonic())
        return balance


def _expected(file_id: int, spec: variants.VariantSpec) -> tuple[int, float] | None:
    """Return a file's collection id and the bytes a variant would have at the medium's bytes per pixel, or None."""
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
    """Return the bytes left; cleaned originals are not counted."""
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
