"""The stores that the contract is tried on: a folder, moto's server over HTTP, and on request a real S3 store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.integrations.base import FileStorage
from app.integrations.file_storage import CloudflareR2Storage
from app.integrations.local_storage import LocalStorage
from app.integrations.s3.settings import R2Settings
from tests.support.s3 import REAL, endpoint, new_bucket


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only a real store can answer, where there is none."""
    left_out = [item for item in items if not REAL and "verifying" in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(params=["moto", *REAL])
def settings(request: pytest.FixtureRequest) -> Iterator[R2Settings]:
    """A new, empty bucket at moto, and at the real store if there is one."""
    with new_bucket(endpoint(request)) as settings:
        yield settings


@pytest.fixture(params=REAL)
def verifying(request: pytest.FixtureRequest) -> Iterator[CloudflareR2Storage]:
    """A store that checks signatures and expiry, which moto does not."""
    with new_bucket(endpoint(request)) as settings:
        yield CloudflareR2Storage(settings)


@pytest.fixture(params=["local", "moto", *REAL])
def storage(request: pytest.FixtureRequest) -> Iterator[FileStorage]:
    """Each backend in turn."""
    if request.param == "local":
        yield request.getfixturevalue("local")
        return
    with new_bucket(endpoint(request)) as settings:
        yield CloudflareR2Storage(settings)


@pytest.fixture
def r2(settings: R2Settings) -> CloudflareR2Storage:
    return CloudflareR2Storage(settings)


@pytest.fixture
def local(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "store")
