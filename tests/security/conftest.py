"""Security cases: passwords cost nothing here, since thousands of requests are made with them, and what a case changes
in the house of its module can be put back."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from werkzeug.security import generate_password_hash

from app.services.accounts import accounts
from app.services.collections import editing
from tests.security.house import House, Snapshot

CHEAP = partial(generate_password_hash, method="pbkdf2:sha256:1")


@pytest.fixture(scope="package", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hashes that take no time instead of 50 ms."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "generate_password_hash", CHEAP)
        patch.setattr(editing, "generate_password_hash", CHEAP)
        patch.setattr(accounts, "NOBODY", CHEAP("nobody has this password"))
        yield


@pytest.fixture(scope="module")
def snapshot(house: House) -> Iterator[Snapshot]:
    """The rows of the house of a module, as it was made."""
    snapshot = Snapshot(house.database)
    yield snapshot
    snapshot.close()


@pytest.fixture
def put_back(snapshot: Snapshot) -> Iterator[None]:
    """What a case changes in the database is as before for the next."""
    yield
    snapshot.restore()
