"""Digests, dimensions and processing states of files, and a table of variants.

Revision ID: add_processing_and_variants
Revises: add_image_variant_paths
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "add_processing_and_variants"
down_revision = "add_image_variant_paths"
branch_labels = None
depends_on = None

STATES = "processing_status IN ('pending', 'processing', 'completed', 'failed', 'retrying')"


def new_columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.Column("crc32", sa.BigInteger(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("thumbhash", sa.String(60), nullable=True),
        sa.Column("processing_status", sa.String(20), nullable=False, server_default="pending"),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("error_code", sa.String(40), nullable=True),
        sa.Column("error", sa.String(500), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.String(36), nullable=True),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
    )


def upgrade() -> None:
    with op.batch_alter_table("files") as files:
        for column in new_columns():
            files.add_column(column)
        files.create_check_constraint(op.f("ck_files_processing_status"), STATES)
        files.create_check_constraint(op.f("ck_files_sha256_is_hex"), "sha256 IS NULL OR length(sha256) = 64")
        files.create_check_constraint(op.f("ck_files_attempts_not_negative"), "attempts >= 0")
        files.create_unique_constraint("uq_files_collection_id_sha256", ["collection_id", "sha256"])
    op.create_index("ix_files_processing_status_next_attempt_at", "files", ["processing_status", "next_attempt_at"])
    # Complete: files that are not images, and images that have both variants.
    op.execute("UPDATE files SET processing_status = 'completed' WHERE mime_type NOT LIKE 'image/%'")
    op.execute(
        "UPDATE files SET processing_status = 'completed' WHERE thumb_path IS NOT NULL AND medium_path IS NOT NULL"
    )
    op.create_table(
        "variants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("format", sa.String(20), nullable=False),
        sa.Column("path", sa.String(512), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_variants"),
        sa.UniqueConstraint("file_id", "name", name="uq_variants_file_id_name"),
        sa.UniqueConstraint("path", name="uq_variants_path"),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name="fk_variants_file_id_files", ondelete="CASCADE"),
    )


def downgrade() -> None:
    op.drop_table("variants")
    op.drop_index("ix_files_processing_status_next_attempt_at", "files")
    with op.batch_alter_table("files") as files:
        files.drop_constraint("uq_files_collection_id_sha256", type_="unique")
        files.drop_constraint(op.f("ck_files_attempts_not_negative"), type_="check")
        files.drop_constraint(op.f("ck_files_sha256_is_hex"), type_="check")
        files.drop_constraint(op.f("ck_files_processing_status"), type_="check")
        for column in reversed(new_columns()):
            files.drop_column(column.name)
