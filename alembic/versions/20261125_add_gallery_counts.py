"""Index that covers counting the files of a collection by state.

Revision ID: add_gallery_counts
Revises: add_uploads
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "add_gallery_counts"
down_revision = "add_uploads"
branch_labels = None
depends_on = None

LIVE = sa.text("deleted_at IS NULL")
COLUMNS = ["collection_id", "processing_status", "mime_type", "upload_complete", "id"]


def upgrade() -> None:
    op.create_index("ix_files_live_status", "files", COLUMNS, sqlite_where=LIVE, postgresql_where=LIVE)


def downgrade() -> None:
    op.drop_index("ix_files_live_status", "files")
