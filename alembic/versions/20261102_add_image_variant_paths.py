"""Storage paths of the thumb and medium variants.

Revision ID: add_image_variant_paths
Revises: base_schema
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "add_image_variant_paths"
down_revision = "base_schema"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("files") as files:
        files.add_column(sa.Column("thumb_path", sa.String(512), nullable=True))
        files.add_column(sa.Column("medium_path", sa.String(512), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("files") as files:
        files.drop_column("medium_path")
        files.drop_column("thumb_path")
