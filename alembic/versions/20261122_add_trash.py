"""Tombstones: deleted files and collections stay in the bin until they are purged.

Revision ID: add_trash
Revises: add_leases
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "add_trash"
down_revision = "add_leases"
branch_labels = None
depends_on = None

CHECKS = {
    "deleted_has_purge_after": "(deleted_at IS NULL) = (purge_after IS NULL)",
    "purging_is_deleted": "purging_at IS NULL OR deleted_at IS NOT NULL",
    "purge_attempts_not_negative": "purge_attempts >= 0",
}
DELETED, LIVE = sa.text("deleted_at IS NOT NULL"), sa.text("deleted_at IS NULL")


def new_columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_by_id", sa.Integer(), nullable=True),
        sa.Column("purge_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("purging_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("purge_attempts", sa.Integer(), nullable=False, server_default="0"),
    )


def upgrade() -> None:
    for name in ("collections", "files"):
        with op.batch_alter_table(name) as table:
            for column in new_columns():
                table.add_column(column)
            table.create_foreign_key(
                f"fk_{name}_deleted_by_id_users", "users", ["deleted_by_id"], ["id"], ondelete="SET NULL"
            )
            for check, condition in CHECKS.items():
                table.create_check_constraint(op.f(f"ck_{name}_{check}"), condition)
            if name == "files":
                table.add_column(
                    sa.Column("deleted_with_collection", sa.Boolean(), nullable=False, server_default=sa.false())
                )
                table.drop_constraint("uq_files_collection_id_sha256", type_="unique")
        op.create_index(f"ix_{name}_purge_after", name, ["purge_after"], sqlite_where=DELETED, postgresql_where=DELETED)
    op.create_index(
        "uq_files_live_collection_id_sha256",
        "files",
        ["collection_id", "sha256"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )


def downgrade() -> None:
    # Hide deleted rows, since older versions have no bin; without SHA-256 they are no duplicates of new uploads.
    op.execute("UPDATE files SET upload_complete = false, sha256 = NULL WHERE deleted_at IS NOT NULL")
    op.execute("UPDATE collections SET privacy = 'private' WHERE deleted_at IS NOT NULL")
    op.drop_index("uq_files_live_collection_id_sha256", "files")
    for name in ("files", "collections"):
        op.drop_index(f"ix_{name}_purge_after", name)
        with op.batch_alter_table(name) as table:
            for check in CHECKS:
                table.drop_constraint(op.f(f"ck_{name}_{check}"), type_="check")
            table.drop_constraint(f"fk_{name}_deleted_by_id_users", type_="foreignkey")
            if name == "files":
                table.create_unique_constraint("uq_files_collection_id_sha256", ["collection_id", "sha256"])
                table.drop_column("deleted_with_collection")
            for column in reversed(new_columns()):
                table.drop_column(column.name)
