"""The revision that orders photos by the clock of their camera."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from tests.alembic_migrations.database import Database

UTC_BEFORE = "2026-05-04 12:59:00.000000"
READ = {
    "sqlite": "SELECT taken_at FROM files WHERE id = 1",
    "postgresql": "SELECT to_char(taken_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') FROM files WHERE id = 1",
}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2026-05-04T14:59:00+02:00", "2026-05-04 14:59:00.000000"),
        ("2026-05-04T14:59:00.250000+02:00", "2026-05-04 14:59:00.250000"),
        ("2026-05-04T02:29:00-10:30", "2026-05-04 02:29:00.000000"),
        ("2026-05-04T12:59:00", UTC_BEFORE),
        (None, UTC_BEFORE),
    ],
)
def test_stored_time_becomes_the_wall_clock_and_utc_again(database: Database, written: str | None, kept: str) -> None:
    database.upgrade("add_natural_order")
    database.fill()
    zone = "+00" if database.engine.dialect.name == "postgresql" else ""
    change = text("UPDATE files SET taken_at = :taken_at, metadata_json = :metadata WHERE id = 1")
    with database.engine.begin() as connection:
        values = {"taken_at": UTC_BEFORE + zone, "metadata": json.dumps({"taken_at": written} if written else {})}
        connection.execute(change, values)
    database.upgrade("order_by_wall_clock")
    assert taken_at(database) == kept
    database.downgrade("add_natural_order")
    assert taken_at(database)[:19] == UTC_BEFORE[:19]
    assert taken_at(database)[19:] == kept[19:]


def taken_at(database: Database) -> str:
    """The stored time of the first file, in UTC."""
    with database.engine.connect() as connection:
        return str(connection.exec_driver_sql(READ[database.engine.dialect.name]).scalar_one())
