"""The stores that the contract is tried on."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.integrations.base import FileStorage
from app.integrations.local_storage import LocalStorage


@pytest.fixture
def local(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "store")


@pytest.fixture(params=["local"])
def storage(request: pytest.FixtureRequest) -> FileStorage:
    return request.getfixturevalue(request.param)
