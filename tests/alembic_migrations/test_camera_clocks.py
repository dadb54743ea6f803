"""The revision that adds corrections of camera clocks."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from tests.alembic_migrations.database import Database


@pytest.mark.parametrize(
    ("metadata", "camera", "offset"),
    [
        ({"camera": "NIKON Z 9", "taken_at": "2026-05-04T14:59:00.250000+02:00"}, "NIKON Z 9", 7200),
        ({"camera": "C" * 300, "taken_at": "2026-05-04T14:59:00-09:30"}, "C" * 200, -34_200),
        ({"taken_at": "2026-05-04T14:59:00"}, "", None),
        (None, "", None),
    ],
)
def test_old_rows_get_camera_and_offset_from_stored_metadata(
    database: Database, metadata: dict[str, str] | None, camera: str, offset: int | None
) -> None:
    database.upgrade("order_by_wall_clock")
    database.fill()
    with database.engine.begin() as connection:
        change = text("UPDATE files SET metadata_json = :metadata WHERE id = 1")
        connection.execute(change, {"metadata": json.dumps(metadata)})
    database.upgrade("add_camera_clocks")
    columns = "camera, camera_serial, utc_offset, order_time = taken_at"
    [found] = database.read(f"SELECT {columns} FROM files WHERE id = 1")
    assert tuple(found) == (camera, "", offset, True)
