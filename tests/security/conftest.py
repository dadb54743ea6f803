"""Restores the app of a module after a test case."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.security.house import Furnished, Snapshot


@pytest.fixture(scope="module")
def snapshot(house: Furnished) -> Iterator[Snapshot]:
    """The rows of the house of a module, as it was made."""
    snapshot = Snapshot(house.database)
    yield snapshot
    snapshot.close()


@pytest.fixture
def put_back(snapshot: Snapshot) -> Iterator[None]:
    """Restore the database after each test case."""
    yield
    snapshot.restore()
