"""The revision that gives old rows their sort key."""

from __future__ import annotations

from app.natural_order import natural_key
from tests.alembic_migrations.database import Database


def test_old_rows_get_the_key_that_new_ones_get(database: Database) -> None:
    database.upgrade("add_hidden_locations")
    database.fill()
    database.run("UPDATE files SET original_filename = 'DSC_' || id || '０.JPG' WHERE id > 1")
    database.upgrade("head")
    rows = database.read("SELECT original_filename, name_key FROM files")
    assert len(rows) > 2
    assert [key for _, key in rows] == [natural_key(name) for name, _ in rows]
