"""What can be wrong with a file, told by its row alone, and what could put it right."""

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

# The sweep of a running server needs some seconds for what is overdue; after a minute there is no such server.
OVERDUE = timedelta(minutes=1)
AT_UPLOAD = tuple(spec.name for spec in variants.AT_UPLOAD)


class Fix(enum.StrEnum):
    """How a finding can be repaired."""

    REMAKE = "remake"  # forget the variant, and make it again
    RESTART = "restart"  # prepare the file anew
    PATHS = "paths"  # write the path that the variant's own row has
    PURGE = "purge"  # remove what should be gone
    ORPHANS = "orphans"  # `flask maintenance orphans --delete`
    NONE = "none"  # only a person can: from a backup


@dataclass(frozen=True, slots=True)
class Finding:
    """An invariant of the design that does not hold: for which file and object, in words, and what would help."""

    invariant: int
    words: str
    fix: Fix
    file_id: int | None = None
    uuid: str | None = None
    key: str | None = None
    name: str = ""

    def as_json(self) -> dict[str, Any]:
        """What `--json` says of it."""
        return {
            "invariant": self.invariant,
            "file": self.uuid,
            "key": self.key,
            "words": self.words,
            "repair": str(self.fix),
        }


def of_row(row: FileRow, now: datetime) -> Iterator[Finding]:
    """What a file's row says against itself; of deleted and unfinished files nothing is asked."""
    if not (row.live and row.upload_complete and row.is_image):
        return
    yield from _paths(row)
    yield from _preparation(row, now)


def _paths(row: FileRow) -> Iterator[Finding]:
    for name, column in PATH_COLUMNS.items():
        variant, path = row.variant(name), getattr(row, column)
        if variant is not None and path != variant.path:
            words = f"{column} says {path!r}, and the variant is elsewhere."
            yield Finding(2, words, Fix.PATHS, row.id, row.uuid, variant.path, name)


def _preparation(row: FileRow, now: datetime) -> Iterator[Finding]:
    words = {
        ProcessingStatus.COMPLETED: _lacking,
        ProcessingStatus.PROCESSING: _abandoned,
        ProcessingStatus.RETRYING: _unscheduled,
    }.get(row.status, _nothing)(row, now)
    if words:
        yield Finding(4, words, Fix.RESTART, row.id, row.uuid, row.path)


def _lacking(row: FileRow, _now: datetime) -> str:
    missing = [name for name in AT_UPLOAD if row.variant(name) is None]
    return f"It counts as prepared and has no {', '.join(missing)}." if missing else ""


def _abandoned(row: FileRow, now: datetime) -> str:
    over = row.lease_expires_at is None or row.lease_expires_at < now - OVERDUE
    return "The worker that was preparing it has gone, and no other took it up." if over else ""


def _unscheduled(row: FileRow, now: datetime) -> str:
    if row.next_attempt_at is None:
        return "It waits for another try that is not scheduled."
    return "Its next try is overdue." if row.next_attempt_at < now - OVERDUE else ""


def _nothing(_row: FileRow, _now: datetime) -> str:
    return ""
