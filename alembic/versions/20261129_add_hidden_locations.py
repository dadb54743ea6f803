"""Collections whose originals are downloaded without location data.

The downgrade turns off downloads of these collections, since older versions would serve the unchanged originals.

Revision ID: add_hidden_locations
Revises: add_api_tokens
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "add_hidden_locations"
down_revision = "add_api_tokens"
branch_labels = None
depends_on = None

collections = sa.table(
    "collections", sa.column("hides_location", sa.Boolean()), sa.column("downloads_allowed", sa.Boolean())
)


def upgrade() -> None:
    with op.batch_alter_table("collections") as table:
        table.add_column(sa.Column("hides_location", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.execute(collections.update().where(collections.c.hides_location).values(downloads_allowed=False))
    with op.batch_alter_table("collections") as table:
        table.drop_column("hides_location")
