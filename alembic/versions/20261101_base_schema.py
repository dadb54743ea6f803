"""Accounts, collections and files.

Revision ID: base_schema
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "base_schema"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
        sa.CheckConstraint("role IN ('photographer', 'admin')", name=op.f("ck_users_role")),
    )
    op.create_table(
        "collections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(36), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("privacy", sa.String(20), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("downloads_allowed", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_collections"),
        sa.UniqueConstraint("uuid", name="uq_collections_uuid"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_collections_owner_id_users", ondelete="RESTRICT"),
        sa.CheckConstraint("privacy IN ('public', 'password', 'private')", name=op.f("ck_collections_privacy")),
        sa.CheckConstraint(
            "privacy <> 'password' OR password_hash IS NOT NULL", name=op.f("ck_collections_password_has_hash")
        ),
    )
    op.create_index("ix_collections_owner_id_created_at", "collections", ["owner_id", "created_at"])
    op.create_table(
        "files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(36), nullable=False),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("original_filename", sa.String(255), nullable=False),
        sa.Column("mime_type", sa.String(127), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("storage_path", sa.String(512), nullable=False),
        sa.Column("thumbnail_path", sa.String(512), nullable=True),
        sa.Column("upload_complete", sa.Boolean(), nullable=False),
        sa.Column("storage_backend", sa.String(20), nullable=False),
        sa.Column("metadata_json", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
        sa.UniqueConstraint("uuid", name="uq_files_uuid"),
        sa.UniqueConstraint("storage_path", name="uq_files_storage_path"),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name="fk_files_collection_id_collections", ondelete="RESTRICT"
        ),
        sa.CheckConstraint("size >= 0", name=op.f("ck_files_size_not_negative")),
    )
    op.create_index("ix_files_collection_id_id", "files", ["collection_id", "id"])


def downgrade() -> None:
    op.drop_table("files")
    op.drop_table("collections")
    op.drop_table("users")
