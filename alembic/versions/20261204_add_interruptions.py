"""Interruptions of files (killed workers), counted apart from attempts, and SHA-256 of variants.

Revision ID: add_interruptions
Revises: add_camera_clocks
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "add_interruptions"
down_revision = "add_camera_clocks"
branch_labels = None
depends_on = None

CHECK = "ck_files_interruptions_not_negative"


def upgrade() -> None:
    with op.batch_alter_table("files") as table:
        table.add_column(sa.Column("interruptions", sa.Integer(), nullable=False, server_default="0"))
        table.create_check_constraint(op.f(CHECK), "interruptions >= 0")
    with op.batch_alter_table("variants") as table:
        table.add_column(sa.Column("sha256", sa.String(64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("variants") as table:
        table.drop_column("sha256")
    with op.batch_alter_table("files") as table:
        table.drop_constraint(op.f(CHECK), type_="check")
        table.drop_column("interruptions")
