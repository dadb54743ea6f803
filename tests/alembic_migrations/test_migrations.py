"""Every revision can be upgraded and downgraded with rows in the tables; head matches the models."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from alembic import command
from app.models import db
from tests.alembic_migrations.database import Database, on_both_sides
from tests.alembic_migrations.rows import DELETED, ROWS, Row

REVISIONS = [script.revision for script in ScriptDirectory("alembic").walk_revisions()][::-1]
STEPS = list(pairwise(REVISIONS))
BEFORE_STATES = "add_image_variant_paths"


def test_history_begins_with_the_two_promised_revisions() -> None:
    assert REVISIONS[:2] == ["base_schema", "add_image_variant_paths"]


CHANGE_ROWS_ALONE = {"order_by_wall_clock"}


@pytest.mark.parametrize(("lower", "upper"), STEPS)
def test_rows_survive_the_upgrade(database: Database, lower: str, upper: str) -> None:
    database.upgrade(lower)
    database.fill()
    columns = database.columns()
    before = database.dump(on_both_sides(columns, columns))
    database.upgrade(upper)
    assert database.dump(on_both_sides(columns, database.columns())) == before


@pytest.mark.parametrize(("lower", "upper"), STEPS)
def test_rows_survive_the_downgrade(database: Database, lower: str, upper: str) -> None:
    database.upgrade(lower)
    kept = database.columns()
    database.upgrade(upper)
    database.fill()
    both = on_both_sides(database.columns(), kept)
    before = database.dump(both)
    assert {name: len(rows) for name, rows in before.items()} == {name: len(ROWS[name]) for name in both}
    database.downgrade(lower)
    assert database.columns() == kept
    assert database.dump(both) == before


@pytest.mark.parametrize(("lower", "upper"), STEPS)
def test_downgrade_and_upgrade_give_the_same_schema(database: Database, lower: str, upper: str) -> None:
    database.upgrade(upper)
    before = database.schema()
    database.downgrade(lower)
    assert (database.schema() == before) == (upper in CHANGE_ROWS_ALONE)
    database.upgrade(upper)
    assert database.schema() == before


def test_downgrade_to_base_leaves_no_tables(database: Database) -> None:
    database.upgrade("head")
    database.fill()
    database.downgrade("base")
    assert database.columns() == {"alembic_version": ["version_num"]}


def test_sample_rows_have_a_value_for_every_column(database: Database) -> None:
    database.upgrade("head")
    written = {
        name: sorted({key for row in rows for key, value in row.items() if value is not None})
        for name, rows in ROWS.items()
    }
    existing = {name: sorted(names) for name, names in database.columns().items() if name != "alembic_version"}
    assert written == existing


def test_head_matches_the_models(database: Database) -> None:
    database.upgrade("head")
    command.check(database.config)


def test_tables_made_from_the_models_are_those_of_head(database: Database) -> None:
    database.upgrade("head")
    migrated = database.schema()
    database.downgrade("base")
    db.metadata.create_all(database.engine)
    assert database.schema() == migrated


def test_interrupted_upgrade_leaves_database_unchanged(database: Database) -> None:
    database.upgrade(BEFORE_STATES)
    database.fill()
    database.run("CREATE TABLE variants (id INTEGER)")  # in the way of the last thing that the revision does
    columns, schema = database.columns(), database.schema()
    before = database.dump(columns)
    with pytest.raises(DBAPIError, match=r"variants\S* already exists"):
        database.upgrade("add_processing_and_variants")
    assert database.schema() == schema
    assert database.dump(columns) == before


def test_interrupted_downgrade_leaves_database_unchanged(database: Database) -> None:
    database.upgrade("add_processing_and_variants")
    database.fill()
    database.run("DROP INDEX ix_files_processing_status_next_attempt_at")  # missed after the variants are dropped
    columns, schema = database.columns(), database.schema()
    before = database.dump(columns)
    with pytest.raises(DBAPIError, match="ix_files_processing_status_next_attempt_at"):
        database.downgrade(BEFORE_STATES)
    assert database.schema() == schema
    assert database.dump(columns) == before


@pytest.mark.parametrize(
    ("columns", "status"),
    [
        ({}, "pending"),
        ({"thumbnail_path": "old.jpg"}, "pending"),
        ({"thumb_path": "t.jpg"}, "pending"),
        ({"medium_path": "m.jpg"}, "pending"),
        ({"thumb_path": "t.jpg", "medium_path": "m.jpg"}, "completed"),
        ({"mime_type": "application/pdf"}, "completed"),
        ({"mime_type": "video/mp4", "thumbnail_path": "old.jpg"}, "completed"),
    ],
    ids=lambda value: "+".join(value) or "nothing" if isinstance(value, dict) else value,
)
def test_older_files_get_the_state_they_are_in(database: Database, columns: dict[str, str], status: str) -> None:
    database.upgrade(BEFORE_STATES)
    file = ROWS["files"][1] | {"mime_type": "image/jpeg"} | columns
    database.fill({"users": ROWS["users"], "collections": ROWS["collections"], "files": [file]})
    database.upgrade("head")
    [(found,)] = database.dump({"files": ["processing_status"]})["files"]
    assert found in (status, f"text '{status}'")


def _twin(number: int, **columns: Any) -> Row:
    names = {"id": number, "uuid": str(number), "storage_path": str(number)}
    return ROWS["files"][4] | {"sha256": "a" * 64} | names | columns


TWINS = [_twin(10), _twin(11, **DELETED), _twin(12, **DELETED)]


def test_same_bytes_may_be_in_the_bin_many_times_but_live_only_once(database: Database) -> None:
    database.upgrade("head")
    database.fill({"users": ROWS["users"], "collections": ROWS["collections"], "files": TWINS})
    with pytest.raises(DBAPIError, match=r"(?i)unique"):
        database.run("UPDATE files SET deleted_at = NULL, purge_after = NULL, purging_at = NULL WHERE id = 11")


def test_deleted_files_stay_hidden_from_an_older_version(database: Database) -> None:
    database.upgrade("head")
    public = {"privacy": "public"}
    collections = [ROWS["collections"][0], *(row | public for row in ROWS["collections"][1:])]
    database.fill({"users": ROWS["users"], "collections": collections, "files": TWINS})
    database.downgrade("add_leases")
    seen = database.read("SELECT id FROM files WHERE upload_complete AND sha256 IS NOT NULL")
    assert seen == [(10,)]
    assert database.read("SELECT id FROM collections WHERE privacy = 'public'") == [(2,)]


def test_collection_that_hides_location_gives_no_originals_to_an_older_version(database: Database) -> None:
    database.upgrade("head")
    collections = [row | {"downloads_allowed": True, "hides_location": row["id"] == 2} for row in ROWS["collections"]]
    database.fill({"users": ROWS["users"], "collections": collections})
    database.downgrade("add_api_tokens")
    assert database.read("SELECT id FROM collections WHERE downloads_allowed ORDER BY id") == [(1,), (3,)]
