"""Unfinished uploads of large files, which can be resumed after an interruption.

Revision ID: add_uploads
Revises: add_gallery_order
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "add_uploads"
down_revision = "add_gallery_order"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(36), nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("storage_backend", sa.String(20), nullable=False),
        sa.Column("storage_path", sa.String(512), nullable=False),
        sa.Column("multipart_id", sa.String(1024), nullable=True),
        sa.Column("part_size", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_uploads_size_positive")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_uploads_sha256_is_hex")),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name="fk_uploads_collection_id_collections", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_uploads_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
        sa.UniqueConstraint("uuid", name="uq_uploads_uuid"),
        sa.UniqueConstraint("collection_id", "user_id", "sha256", name="uq_uploads_collection_id_user_id_sha256"),
    )
    op.create_index("ix_uploads_touched_at", "uploads", ["touched_at"])


def downgrade() -> None:
    op.drop_table("uploads")
