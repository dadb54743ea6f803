"""Pair the objects that rows name with the objects in the stores, in key order, without holding either in memory."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from heapq import merge
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Self

from app.errors import StorageError
from app.integrations.base import StoredObject
from app.services.maintenance.rows import FileRow
from app.services.variants.store import PATH_COLUMNS

ORIGINAL = ""  # in place of a variant's name
DEPRECATED = "thumbnail_path"
TABLE = """
CREATE TABLE expected (
  backend TEXT, key TEXT, file_id INTEGER, name TEXT, uuid TEXT, size INTEGER, needed INTEGER,
  PRIMARY KEY (backend, key, file_id, name)
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class Expected:
    """An object that a row names; `needed` if it must exist.

    `size` is None for variants recorded before each had a row.
    """

    backend: str
    key: str
    file_id: int
    name: str
    uuid: str
    size: int | None
    needed: bool


@dataclass(frozen=True, slots=True)
class Pairing:
    """A key with the objects that rows expect under it, and the stored object, if any."""

    key: str
    expected: tuple[Expected, ...]
    stored: StoredObject | None


def expected_of(row: FileRow) -> list[Expected]:
    """Return the objects that the rows of a file and its variants name.

    Objects of a deleted file or an incomplete upload are not `needed`, but are no orphans either.
    """
    needed = row.live and row.upload_complete
    named: dict[str, tuple[str, int | None]] = {row.path: (ORIGINAL, row.size)}
    older = {name: getattr(row, column) for name, column in PATH_COLUMNS.items() if row.variant(name) is None}
    for name, key in (older | {DEPRECATED: row.thumbnail_path}).items():
        if key:
            named.setdefault(key, (name, None))
    found = [Expected(row.backend, key, row.id, name, row.uuid, size, needed) for key, (name, size) in named.items()]
    for variant in row.variants:
        found.append(Expected(row.backend, variant.path, row.id, variant.name, row.uuid, variant.size, needed))
    return found


class Inventory:
    """The keys of all objects in the database, sorted in a temporary SQLite file.

    The app's own database may sort in another order than the stores, and reading it would keep a transaction open.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = tempfile.TemporaryDirectory(prefix="inventory-", dir=folder)
        self._database = sqlite3.connect(Path(self._folder.name) / "expected.db", isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -16000"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute(TABLE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()
        self._folder.cleanup()

    def add(self, rows: Iterable[FileRow]) -> None:
        """Add the objects that a batch of rows names."""
        values = sorted(astuple(item) for row in rows for item in expected_of(row))
        self._database.execute("BEGIN")
        self._database.executemany("INSERT OR REPLACE INTO expected VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        self._database.execute("COMMIT")

    def counts(self) -> dict[str, int]:
        """Return the number of expected objects by backend."""
        return dict(self._database.execute("SELECT backend, count(*) FROM expected GROUP BY backend"))

    def paired(self, backend: str, listing: Iterable[StoredObject]) -> Iterator[Pairing]:
        """Yield the keys of rows and store, in key order; raises StorageError if the listing is unsorted."""
        named = ((item.key, item) for item in self._expected(backend))
        stored = ((item.key, item) for item in _in_order(listing))
        both: Iterator[tuple[str, Expected | StoredObject]] = merge(named, stored, key=lambda pair: pair[0])
        for key, group in groupby(both, key=lambda pair: pair[0]):
            items = [item for _, item in group]
            objects = [item for item in items if isinstance(item, StoredObject)]
            yield Pairing(
                key,
                tuple(item for item in items if isinstance(item, Expected)),
                objects[0] if objects else None,
            )

    def _expected(self, backend: str) -> Iterator[Expected]:
        query = "SELECT backend, key, file_id, name, uuid, size, needed FROM expected WHERE backend = ? ORDER BY key"
        for values in self._database.execute(query, (backend,)):
            yield Expected(*values)


def _in_order(listing: Iterable[StoredObject]) -> Iterator[StoredObject]:
    """Yield the listing; raises StorageError if it is not sorted, because existing objects would appear missing."""
    before = ""
    for item in listing:
        if item.key <= before:
            raise StorageError("The store does not list its objects in key order, so it cannot be checked.", item.key)
        before = item.key
        yield item
