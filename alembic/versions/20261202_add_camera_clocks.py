"""Corrections of camera clocks, and order by real time with `files.order_time`.

`files.taken_at` keeps the time of the camera. Serial numbers of existing files are empty until they are reprocessed.

Revision ID: add_camera_clocks
Revises: order_by_wall_clock
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "add_camera_clocks"
down_revision = "order_by_wall_clock"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
LIVE = sa.text("deleted_at IS NULL")
INDEX = "ix_files_live_taken"
FIELD = {"sqlite": "json_extract(metadata_json, '$.{0}')", "postgresql": "(metadata_json ->> '{0}')"}
# As written by the camera: 2026-05-04T12:00:00[.123456]+02:00. The last six characters are the offset.
OFFSET = (
    "CASE WHEN substr({0}, length({0}) - 5, 1) IN ('+', '-') THEN"
    " (CASE WHEN substr({0}, length({0}) - 5, 1) = '-' THEN -60 ELSE 60 END)"
    " * (60 * CAST(substr({0}, length({0}) - 4, 2) AS INTEGER) + CAST(substr({0}, length({0}) - 1, 2) AS INTEGER)) END"
)


def upgrade() -> None:
    _create_clocks()
    with op.batch_alter_table("collections") as table:
        table.add_column(sa.Column("real_time_offset", sa.Integer(), nullable=True))
        table.add_column(sa.Column("real_time_ended_by", sa.String(255), nullable=True))
    op.drop_index(INDEX, "files")
    with op.batch_alter_table("files") as table:
        table.add_column(sa.Column("order_time", MOMENT, nullable=True))
        table.add_column(sa.Column("utc_offset", sa.Integer(), nullable=True))
        table.add_column(sa.Column("camera", sa.String(200), nullable=False, server_default=""))
        table.add_column(sa.Column("camera_serial", sa.String(100), nullable=False, server_default=""))
    _fill()
    op.create_index(INDEX, "files", ["collection_id", "order_time", "name_key", "id"], **_live())


def downgrade() -> None:
    op.drop_index(INDEX, "files")
    with op.batch_alter_table("files") as table:
        for name in ("camera_serial", "camera", "utc_offset", "order_time"):
            table.drop_column(name)
    op.create_index(INDEX, "files", ["collection_id", "taken_at", "name_key", "id"], **_live())
    with op.batch_alter_table("collections") as table:
        table.drop_column("real_time_ended_by")
        table.drop_column("real_time_offset")
    op.drop_table("camera_clocks")


def _create_clocks() -> None:
    collection = sa.ForeignKeyConstraint(
        ["collection_id"], ["collections.id"], "fk_camera_clocks_collection_id_collections", ondelete="CASCADE"
    )
    op.create_table(
        "camera_clocks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("camera", sa.String(200), nullable=False),
        sa.Column("serial", sa.String(100), nullable=False),
        sa.Column("shift_seconds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_camera_clocks"),
        collection,
        sa.UniqueConstraint("collection_id", "camera", "serial", name="uq_camera_clocks_collection_id_camera_serial"),
        sa.CheckConstraint("shift_seconds <> 0", name=op.f("ck_camera_clocks_shift_not_zero")),
    )


def _fill() -> None:
    """Set times and cameras of existing rows, in one statement."""
    field = FIELD[op.get_context().dialect.name].format
    camera, offset = f"coalesce(substr({field('camera')}, 1, 200), '')", OFFSET.format(field("taken_at"))
    values = f"order_time = taken_at, camera = {camera}, utc_offset = {offset}"
    op.execute(f"UPDATE files SET {values}")  # noqa: S608  constants of this file


def _live() -> dict[str, sa.TextClause]:
    return {"sqlite_where": LIVE, "postgresql_where": LIVE}
