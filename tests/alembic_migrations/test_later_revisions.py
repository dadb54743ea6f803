"""What env.py guarantees to future revisions: no cascade from a rebuilt table, no orphans, no partial change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.alembic_migrations.database import ROOT, Database, on_both_sides

HEADER = """
from alembic import op
import sqlalchemy as sa
revision, down_revision, branch_labels, depends_on = "later", "add_processing_and_variants", None, None

def downgrade():
    pass

def upgrade():
"""
REBUILD = """
    with op.batch_alter_table("files", recreate=op.get_bind().dialect.name == "sqlite" and "always" or "auto") as files:
        files.add_column(sa.Column("later", sa.Integer()))
"""
RAISE = """
    raise InterruptedError("the power went")
"""
ORPHAN = """
    op.execute("DELETE FROM collections WHERE id = 1")
    op.execute("UPDATE users SET name = 'changed'")
"""


@pytest.fixture
def later(database: Database, tmp_path: Path) -> Path:
    """The file of a new revision after head; the database is at head and has rows."""
    database.upgrade("head")
    database.fill()
    folder = tmp_path / "versions"
    folder.mkdir()
    database.config.set_main_option("version_locations", f"{ROOT / 'alembic' / 'versions'}{os.pathsep}{folder}")
    return folder / "later.py"


def test_rebuilding_a_table_keeps_the_rows_that_hang_on_it(database: Database, later: Path) -> None:
    later.write_text(HEADER + REBUILD, encoding="utf-8")
    columns = database.columns()
    both = on_both_sides(columns, columns)
    before = database.dump(both)
    database.upgrade("later")
    assert "later" in database.columns()["files"]
    assert database.dump(both) == before


@pytest.mark.parametrize(
    ("broken", "problem"),
    [(REBUILD + RAISE, "the power went"), (ORPHAN, "without their parent|still referenced from table")],
    ids=["interrupted", "leaving orphans"],
)
def test_revision_that_fails_leaves_the_database_as_it_was(
    database: Database, later: Path, broken: str, problem: str
) -> None:
    later.write_text(HEADER + broken, encoding="utf-8")
    columns, schema = database.columns(), database.schema()
    before = database.dump(columns)
    with pytest.raises(Exception, match=problem):
        database.upgrade("later")
    assert database.schema() == schema
    assert database.dump(columns) == before


def test_foreign_keys_still_hold_after_a_rebuild(database: Database, later: Path) -> None:
    later.write_text(HEADER + REBUILD, encoding="utf-8")
    database.upgrade("later")
    database.run("DELETE FROM files WHERE id = 1")
    [*left] = database.dump({"variants": ["file_id"]})["variants"]
    assert left in ([("3",)], [("integer 3",)])
