"""Share links, grants of visitors, one-time links, and session versions of accounts.

Revision ID: add_keys
Revises: add_storage_class
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "add_keys"
down_revision = "add_storage_class"
branch_labels = None
depends_on = None


def moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    with op.batch_alter_table("users") as table:
        table.add_column(sa.Column("session_version", sa.Integer(), nullable=False, server_default="1"))
    create_share_links()
    create_grants()
    create_one_time_links()


def create_share_links() -> None:
    op.create_table(
        "share_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(36), nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("secret_sha256", sa.String(64), nullable=False),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("downloads_allowed", sa.Boolean(), nullable=False),
        moment("created_at", nullable=False),
        moment("expires_at"),
        moment("revoked_at"),
        sa.Column("visits", sa.Integer(), nullable=False),
        moment("last_used_at"),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name="fk_share_links_collection_id_collections", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_links")),
        sa.UniqueConstraint("uuid", name="uq_share_links_uuid"),
        sa.UniqueConstraint("secret_sha256", name="uq_share_links_secret_sha256"),
    )
    op.create_index("ix_share_links_collection_id", "share_links", ["collection_id"])


def create_grants() -> None:
    op.create_table(
        "grants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visitor", sa.String(36), nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(16), nullable=True),
        sa.Column("share_link_id", sa.Integer(), nullable=True),
        moment("created_at", nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name="fk_grants_collection_id_collections", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["share_link_id"], ["share_links.id"], name="fk_grants_share_link_id_share_links", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
        sa.UniqueConstraint("visitor", "collection_id", name="uq_grants_visitor_collection_id"),
    )
    op.create_index("ix_grants_created_at", "grants", ["created_at"])


def create_one_time_links() -> None:
    op.create_table(
        "one_time_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("secret_sha256", sa.String(64), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        moment("created_at", nullable=False),
        moment("expires_at", nullable=False),
        moment("used_at"),
        sa.CheckConstraint("purpose IN ('invitation', 'password')", name=op.f("ck_one_time_links_purpose")),
        sa.CheckConstraint("role IN ('photographer', 'admin')", name=op.f("ck_one_time_links_invited_role")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_one_time_links_user_id_users", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name="fk_one_time_links_created_by_id_users", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_links")),
        sa.UniqueConstraint("secret_sha256", name="uq_one_time_links_secret_sha256"),
    )


def downgrade() -> None:
    for name in ("one_time_links", "grants", "share_links"):
        op.drop_table(name)
    with op.batch_alter_table("users") as table:
        table.drop_column("session_version")
