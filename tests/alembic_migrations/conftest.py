"""An empty SQLite database, and an empty PostgreSQL one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alembic_migrations.database import Database


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of each database in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'odd % name.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Each database in turn."""
    database = Database(database_url)
    yield database
    database.engine.dispose()
