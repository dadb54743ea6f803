"""Storage class of each original; NULL (unknown) for existing rows.

Revision ID: add_storage_class
Revises: add_gallery_counts
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "add_storage_class"
down_revision = "add_gallery_counts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("files") as table:
        table.add_column(sa.Column("storage_class", sa.String(40), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("files") as table:
        table.drop_column("storage_class")
