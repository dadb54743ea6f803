"""API tokens, with which programs act for an account.

Revision ID: add_api_tokens
Revises: add_keys
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "add_api_tokens"
down_revision = "add_keys"
branch_labels = None
depends_on = None


def moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(36), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("secret_sha256", sa.String(64), nullable=False),
        sa.Column("scope", sa.String(20), nullable=False),
        moment("created_at", nullable=False),
        moment("expires_at"),
        moment("revoked_at"),
        moment("last_used_at"),
        sa.CheckConstraint("scope IN ('read', 'upload', 'manage')", name=op.f("ck_api_tokens_scope")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_api_tokens_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("uuid", name="uq_api_tokens_uuid"),
        sa.UniqueConstraint("secret_sha256", name="uq_api_tokens_secret_sha256"),
    )
    op.create_index("ix_api_tokens_user_id", "api_tokens", ["user_id"])


def downgrade() -> None:
    op.drop_table("api_tokens")
