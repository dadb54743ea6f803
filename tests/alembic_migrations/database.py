"""A database that is migrated up and down, and read as it stores what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alembic.config import Config
from sqlalchemy import column, create_engine, event, insert, inspect, table, text
from sqlalchemy.pool import NullPool

from alembic import command
from tests.alembic_migrations.rows import ROWS, Row

ROOT = Path(__file__).resolve().parent.parent.parent
# How each database writes down a value exactly, with its type where that belongs to the value.
AS_STORED = {"sqlite": "typeof({0}) || ' ' || quote({0})", "postgresql": "CAST({0} AS text)"}

Columns = dict[str, list[str]]
Dump = dict[str, list[tuple[str | None, ...]]]


class Database:
    """One database at some revision."""

    def __init__(self, url: str) -> None:
        self.config = Config(str(ROOT / "alembic.ini"))
        self.config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
        self.engine = create_engine(url, poolclass=NullPool)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys = ON"))

    def upgrade(self, revision: str) -> None:
        command.upgrade(self.config, revision)

    def downgrade(self, revision: str) -> None:
        command.downgrade(self.config, revision)

    def columns(self) -> Columns:
        """The columns of each table, those of Alembic's own included."""
        found = inspect(self.engine)
        return {name: [each["name"] for each in found.get_columns(name)] for name in sorted(found.get_table_names())}

    def fill(self, rows: dict[str, list[Row]] = ROWS) -> None:
        """Insert the rows, skipping tables and columns that do not exist."""
        existing = self.columns()
        with self.engine.begin() as connection:
            for name in (name for name in rows if name in existing):
                target = table(name, *map(column, existing[name]))
                here = [{key: row[key] for key in existing[name] if key in row} for row in rows[name]]
                connection.execute(insert(target), here)

    def run(self, sql: str) -> None:
        """Execute and commit one statement."""
        with self.engine.begin() as connection:
            connection.execute(text(sql))

    def read(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of one query."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    def dump(self, columns: Columns) -> Dump:
        """The rows as they are stored, in the order of their keys."""
        as_stored = AS_STORED[self.engine.dialect.name].format
        queries = {
            name: text(f"SELECT {', '.join(map(as_stored, names))} FROM {name} ORDER BY 1")
            for name, names in columns.items()
        }
        with self.engine.connect() as connection:
            return {name: [tuple(row) for row in connection.execute(query)] for name, query in queries.items()}

    def schema(self) -> dict[str, object]:
        """The complete schema, except for the order of columns and their defaults."""
        found = inspect(self.engine)
        return {
            name: {
                "columns": sorted(
                    (each["name"], str(each["type"]), each["nullable"]) for each in found.get_columns(name)
                ),
                "primary key": found.get_pk_constraint(name),
                "foreign keys": _sorted(found.get_foreign_keys(name)),
                "indexes": _sorted([_in_words(each) for each in found.get_indexes(name)]),
                "unique": _sorted(found.get_unique_constraints(name)),
                "checks": _sorted(found.get_check_constraints(name)),
            }
            for name in found.get_table_names()
            if name != "alembic_version"
        }


def _in_words(index: Any) -> dict[str, Any]:
    """An index as comparable values; the condition of a partial index as text."""
    return {**index, "dialect_options": {key: str(value) for key, value in index.get("dialect_options", {}).items()}}


def _sorted(listed: Sequence[Any]) -> list[Any]:
    return sorted(listed, key=str)


def on_both_sides(before: Columns, after: Columns) -> Columns:
    """The columns of the tables that exist before and after, without Alembic's own."""
    return {
        name: [column for column in names if column in after[name]]
        for name, names in before.items()
        if name in after and name != "alembic_version"
    }
