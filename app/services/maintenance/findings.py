"""Findings of `verify`, their repairs, and the checks that need only a file's row."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.imaging import variants
from app.models import ProcessingStatus
from app.services.maintenance.rows import FileRow
from app.services.variants.store import PATH_COLUMNS

# A running server's sweep handles overdue files within seconds; after a minute no server is sweeping.
OVERDUE = timedelta(minutes=1)
AT_UPLOAD = tuple(spec.name for spec in variants.AT_UPLOAD)


class Fix(enum.StrEnum):
    """The repair that a finding needs."""

    REMAKE = "remake"  # delete the variant's row, and make the variant again
    RESTART = "restart"  # prepare the file again
    PATHS = "paths"  # copy the path from the variant's row
    PURGE = "purge"  # purge a file or collection that is overdue
    ORPHANS = "orphans"  # `flask maintenance orphans --delete`
    NONE = "none"  # only from a backup


@dataclass(frozen=True, slots=True)
class Finding:
    """A violated invariant: its number in the design, the file and object, a description, and the repair."""

    invariant: int
    words: str
    fix: Fix
    file_id: int | None = None
    uuid: str | None = None
    key: str | None = None
    name: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the item as printed by `--json`."""
        return {
            "invariant": self.invariant,
            "file": self.uuid,
            "key": self.key,
            "words": self.words,
            "repair": str(self.fix),
        }


def of_row(row: FileRow, now: datetime) -> Iterator[Finding]:
    """Yield the contradictions within a file's row; skips deleted and incomplete files and non-images."""
    if not (row.live and row.upload_complete and row.is_image):
        return
    yield from _paths(row)
    yield from _preparation(row, now)


def _paths(row: FileRow) -> Iterator[Finding]:
    for name, column in PATH_COLUMNS.items():
        variant, path = row.variant(name), getattr(row, column)
        if variant is not None and path != variant.path:
            words = f"{column} is {path!r}, but the variant has another path."
            yield Finding(2, words, Fix.PATHS, row.id, row.uuid, variant.path, name)


def _preparation(row: FileRow, now: datetime) -> Iterator[Finding]:
    words = {
        ProcessingStatus.COMPLETED: _lacking,
        ProcessingStatus.PROCESSING: _abandoned,
        ProcessingStatus.RETRYING: _unscheduled,
    }.get(row.status, _no_problem)(row, now)
    if words:
        yield Finding(4, words, Fix.RESTART, row.id, row.uuid, row.path)


def _lacking(row: FileRow, _now: datetime) -> str:
    missing = [name for name in AT_UPLOAD if row.variant(name) is None]
    return f"It is marked as completed but lacks {', '.join(missing)}." if missing else ""


def _abandoned(row: FileRow, now: datetime) -> str:
    over = row.lease_expires_at is None or row.lease_expires_at < now - OVERDUE
    return "Its worker ended, and no other worker has taken it over." if over else ""


def _unscheduled(row: FileRow, now: datetime) -> str:
    if row.next_attempt_at is None:
        return "It waits for a retry that is not scheduled."
    return "Its retry is overdue." if row.next_attempt_at < now - OVERDUE else ""


def _no_problem(_row: FileRow, _now: datetime) -> str:
    return ""
