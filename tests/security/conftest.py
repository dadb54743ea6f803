"""What a case changes in the house of its module can be put back."""

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
    """What a case changes in the database is as before for the next."""
    yield
    snapshot.restore()
