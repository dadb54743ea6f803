"""Store the camera's wall-clock time in `files.taken_at`, as if it were UTC; the offset stays in the metadata.

Before, times with an offset were converted to UTC and others were not: two cameras at one place were hours apart.

Revision ID: order_by_wall_clock
Revises: add_natural_order
"""

from __future__ import annotations

from alembic import op

revision = "order_by_wall_clock"
down_revision = "add_natural_order"
branch_labels = None
depends_on = None

# As written by the camera: 2026-05-04T12:00:00[.123456]+02:00. The last six characters are the offset.
WRITTEN = {"sqlite": "json_extract(metadata_json, '$.taken_at')", "postgresql": "(metadata_json ->> 'taken_at')"}
HAS_OFFSET = "taken_at IS NOT NULL AND substr({0}, length({0}) - 5, 1) IN ('+', '-')"
FRACTION = "CASE WHEN substr({0}, 20, 1) = '.' THEN substr({0}, 20, 7) ELSE '.000000' END"
WALL_CLOCK = {
    "sqlite": f"replace(substr({{0}}, 1, 19), 'T', ' ') || {FRACTION}",
    "postgresql": "CAST(substr({0}, 1, length({0}) - 6) || '+00' AS timestamptz)",
}
IN_UTC = {
    "sqlite": f"strftime('%Y-%m-%d %H:%M:%S', {{0}}) || {FRACTION}",
    "postgresql": "CAST({0} AS timestamptz)",
}


def upgrade() -> None:
    _rewrite(WALL_CLOCK)


def downgrade() -> None:
    _rewrite(IN_UTC)


def _rewrite(values: dict[str, str]) -> None:
    dialect = op.get_context().dialect.name
    written = WRITTEN[dialect]
    value, condition = values[dialect].format(written), HAS_OFFSET.format(written)
    op.execute(f"UPDATE files SET taken_at = {value} WHERE {condition}")  # noqa: S608  constants of this file
