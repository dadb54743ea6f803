"""Sort key for natural order of names (2 before 10), and indexes with it.

With `--sql`, existing rows get the lower-case name as key, in which numbers still sort digit by digit.

Revision ID: add_natural_order
Revises: add_hidden_locations
"""

from __future__ import annotations

import re
import unicodedata

import sqlalchemy as sa

from alembic import context, op

revision = "add_natural_order"
down_revision = "add_hidden_locations"
branch_labels = None
depends_on = None

KEY_LENGTH = 512
BATCH = 1000  # rows in memory at a time
LIVE = sa.text("deleted_at IS NULL")
KEY = sa.String(KEY_LENGTH).with_variant(sa.String(KEY_LENGTH, collation="C"), "postgresql")
INDEXES = {"ix_files_live_taken": ["collection_id", "taken_at"], "ix_files_live_name": ["collection_id"]}

files = sa.table(
    "files", sa.column("id", sa.Integer), sa.column("original_filename", sa.String), sa.column("name_key", sa.String)
)


def upgrade() -> None:
    _drop_indexes()
    with op.batch_alter_table("files") as table:
        table.add_column(sa.Column("name_key", KEY, nullable=False, server_default=""))
    if context.is_offline_mode():
        op.execute(files.update().values(name_key=sa.func.lower(files.c.original_filename)))
    else:
        _fill()
    _create_indexes("name_key")


def downgrade() -> None:
    _drop_indexes()
    with op.batch_alter_table("files") as table:
        table.drop_column("name_key")
    _create_indexes("original_filename")


def _fill() -> None:
    """Set the key of every row, in batches by id."""
    connection, last = op.get_bind(), 0
    after = sa.select(files.c.id, files.c.original_filename).order_by(files.c.id).limit(BATCH)
    write = files.update().where(files.c.id == sa.bindparam("row")).values(name_key=sa.bindparam("key"))
    while rows := connection.execute(after.where(files.c.id > last)).all():
        connection.execute(write, [{"row": row, "key": natural_key(name)} for row, name in rows])
        last = rows[-1][0]


def natural_key(name: str) -> str:
    """Return the sort key as computed by the app at this revision."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"\d+", _counted, folded)[:KEY_LENGTH]


def _counted(run: re.Match[str]) -> str:
    digits = str(int(run[0]))
    return f"{len(digits):03}{digits}"


def _drop_indexes() -> None:
    for name in INDEXES:
        op.drop_index(name, "files")


def _create_indexes(by: str) -> None:
    for name, columns in INDEXES.items():
        op.create_index(name, "files", [*columns, by, "id"], sqlite_where=LIVE, postgresql_where=LIVE)
