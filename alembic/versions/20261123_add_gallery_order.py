"""Sort order, cover and event date of collections, accent of accounts, and an index for each sort order.

Revision ID: add_gallery_order
Revises: add_trash
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "add_gallery_order"
down_revision = "add_trash"
branch_labels = None
depends_on = None

LIVE = sa.text("deleted_at IS NULL")
ORDERS = {
    "ix_files_live_taken": ["collection_id", "taken_at", "original_filename", "id"],
    "ix_files_live_name": ["collection_id", "original_filename", "id"],
    "ix_files_live_position": ["collection_id", "position", "id"],
}


def upgrade() -> None:
    with op.batch_alter_table("users") as table:
        table.add_column(sa.Column("accent", sa.String(7), nullable=True))
    with op.batch_alter_table("collections") as table:
        table.add_column(sa.Column("sort_order", sa.String(20), nullable=False, server_default="taken"))
        table.add_column(sa.Column("cover_uuid", sa.String(36), nullable=True))
        table.add_column(sa.Column("event_date", sa.Date(), nullable=True))
        table.create_check_constraint(
            op.f("ck_collections_sort_order"), "sort_order IN ('taken', 'name', 'uploaded', 'manual')"
        )
    with op.batch_alter_table("files") as table:
        table.add_column(sa.Column("position", sa.BigInteger(), nullable=True))
    for name, columns in ORDERS.items():
        op.create_index(name, "files", columns, sqlite_where=LIVE, postgresql_where=LIVE)


def downgrade() -> None:
    for name in ORDERS:
        op.drop_index(name, "files")
    with op.batch_alter_table("files") as table:
        table.drop_column("position")
    with op.batch_alter_table("collections") as table:
        table.drop_constraint(op.f("ck_collections_sort_order"), type_="check")
        for name in ("event_date", "cover_uuid", "sort_order"):
            table.drop_column(name)
    with op.batch_alter_table("users") as table:
        table.drop_column("accent")
