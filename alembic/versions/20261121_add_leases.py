"""Leases: named locks, each held by one process at a time.

Revision ID: add_leases
Revises: add_processing_and_variants
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "add_leases"
down_revision = "add_processing_and_variants"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("token", sa.String(36), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )


def downgrade() -> None:
    op.drop_table("leases")
