"""Statements, not files, are what a database counts: a fixed number for each thousand files."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from app import Proofsheet
from app.errors import ObjectMissing
from app.integrations.base import StoredObject
from app.integrations.local_storage import LocalStorage
from app.services import storage_service
from app.services.maintenance import failures, statistics, status
from app.services.maintenance.analysis import Analyzer
from app.services.maintenance.backfill import Backfill, Wanted
from app.services.maintenance.orphans import Orphans
from app.services.maintenance.repair import repaired
from app.services.maintenance.verify import Verification
from tests.support.gallery import counting
from tests.support.many import MADE, Many

STRAYS = 1200


class Imagined(LocalStorage):
    """A store that has the objects of many photographs without their bytes."""

    def __init__(self, root: Path, many: Many, strays: int = 0) -> None:
        super().__init__(root)
        stray = (StoredObject(f"collections/stray/{number:06}", 1, MADE) for number in range(strays))
        self.objects = {item.key: item for item in (*many.objects(), *stray)}

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """In key order, as every store does."""
        return iter(sorted(self.objects.values(), key=lambda item: item.key))

    def stat(self, key: str) -> StoredObject:
        """One of them; raises ObjectMissing."""
        if key not in self.objects:
            raise ObjectMissing("It was never imagined.", key)
        return self.objects[key]

    def open(self, key: str) -> BinaryIO:
        """No bytes at all."""
        return io.BytesIO()

    def delete(self, key: str) -> None:
        """Forget it."""
        self.objects.pop(key, None)


def statements(app: Proofsheet, number: int, work: Callable[[], object]) -> int:
    with counting(app) as sent, app.app_context():
        work()
    return len(sent)


@pytest.mark.parametrize(
    ("work", "fixed", "per_thousand"),
    [
        pytest.param(lambda: list(Analyzer().needs()), 3, 2, id="analyze"),
        pytest.param(lambda: Backfill(Wanted()).dry_run(), 2, 0, id="backfill without work"),
        pytest.param(lambda: Backfill(Wanted(force=True)).dry_run(), 3, 1, id="backfill dry run"),
        pytest.param(lambda: list(Verification().findings()), 4, 2, id="verify"),
        pytest.param(lambda: list(Orphans().find()), 2, 2, id="orphans"),
        pytest.param(statistics.gather, 7, 0, id="stats"),
        pytest.param(status.read, 5, 0, id="status"),
        pytest.param(lambda: failures.retry_all(None), 2, 0, id="retry"),
    ],
)
def test_a_thousand_more_files_cost_a_fixed_number_of_statements(
    app: Proofsheet, tmp_path: Path, work: Callable[[], object], fixed: int, per_thousand: int
) -> None:
    many = Many(3000)
    app.extensions[storage_service.EXTENSION] = {"local": Imagined(tmp_path / "imagined", many)}
    with app.app_context():
        many.fill()
    assert statements(app, many.number, work) <= fixed + per_thousand * 3


def test_findings_are_confirmed_and_repaired_in_batches_too(app: Proofsheet, tmp_path: Path) -> None:
    many = Many(3000)
    store = Imagined(tmp_path / "imagined", many)
    store.objects = {key: item for key, item in store.objects.items() if "/small_" not in key}
    app.extensions[storage_service.EXTENSION] = {"local": store}
    with app.app_context():
        many.fill()
    found: list[object] = []
    sent = statements(app, 3000, lambda: found.extend(repaired(Verification().findings())))
    assert len(found) == 3000
    assert sent <= 10 + 3 * 40  # in batches of 200: two to confirm, one to forget, one to start, a few of transactions


def test_removing_orphans_asks_once_for_many(app: Proofsheet, tmp_path: Path) -> None:
    many = Many(3000)
    store = Imagined(tmp_path / "imagined", many, STRAYS)
    app.extensions[storage_service.EXTENSION] = {"local": store}
    with app.app_context():
        many.fill()
    sent = statements(app, 3000, lambda: list(Orphans().delete()))
    assert len(store.objects) == 3000 * 4
    assert sent <= 2 + 2 * 3 + 3
