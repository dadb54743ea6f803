"""One app with limits for each module; each test uses new client addresses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app import Proofsheet
from app.extensions import limiter
from app.models import Privacy
from app.services.accounts import accounts
from app.services.collections import editing
from tests.security.apps import house
from tests.security.limits.asking import EMAIL, addresses
from tests.support.studio import PASSWORD, Studio


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proofsheet]:
    with house(tmp_path_factory.mktemp("limits")) as app:
        Studio(app).photographer(EMAIL)
        yield app


@pytest.fixture(autouse=True)
def limited(app: Proofsheet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", True)  # it belongs to all apps of a process; the last one made decided


@pytest.fixture
def studio(app: Proofsheet) -> Studio:
    return Studio(app)


@pytest.fixture
def here() -> str:
    """A new client address."""
    return next(addresses)


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that was hashed to be compared."""
    seen: list[str] = []

    def check(_hash: str, password: str) -> bool:
        seen.append(password)
        return password == PASSWORD

    for module in (accounts, editing):
        monkeypatch.setattr(module, "check_password_hash", check)
    return seen


@pytest.fixture
def locked(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> str:
    """A collection with a password."""
    monkeypatch.setattr(editing, "generate_password_hash", lambda password: f"hash of {password}")
    return studio.collection(1, Privacy.PASSWORD)
