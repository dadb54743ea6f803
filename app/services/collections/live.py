"""Find the files of a collection that changed since a page last polled its status.

A look reads unfinished files, the newest files, and files that were unfinished at the last look, each by an index, in a
constant number of statements. The page keeps the cursor, so any process can answer the next poll.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import CompoundSelect, Row, func, select, union

from app.models import File, ProcessingStatus
from app.services import lookup
from app.services.collections import order, tile_rows
from app.services.collections.tile_rows import TileRow
from app.services.transactions import reading

State = tuple[int, ProcessingStatus, int, datetime | None]  # id, status, attempts and completed_at of a file
OPEN = (ProcessingStatus.PENDING, ProcessingStatus.PROCESSING, ProcessingStatus.RETRYING)
MOST_RANGES = 40  # in a cursor: further ranges are joined, and some finished files are sent twice
LATE = 8  # PostgreSQL assigns ids before commit, so files with slightly smaller ids may appear after the newest
TOKEN = re.compile(r"\d{1,18}:(\d{1,18}(-\d{1,18})?(\.\d{1,18}(-\d{1,18})?){0,63})?(:[0-9a-f]{16})?")


@dataclass(frozen=True)
class Seen:
    """The cursor of a page: the newest file id, the ids of unfinished files as ranges, and a digest of the states."""

    newest: int
    unfinished: tuple[tuple[int, int], ...] = ()
    digest: str = ""

    @classmethod
    def read(cls, token: str) -> Seen | None:
        """Parse a cursor; None if it is malformed, which counts as no cursor."""
        if not TOKEN.fullmatch(token):
            return None
        newest, ranges, digest = f"{token}:".split(":")[:3]
        pairs = (each.partition("-") for each in ranges.split(".") if each)
        return cls(int(newest), tuple((int(first), int(last or first)) for first, _, last in pairs), digest)

    @property
    def token(self) -> str:
        """The cursor as text."""
        ranges = (str(first) if first == last else f"{first}-{last}" for first, last in self.unfinished)
        return ":".join([str(self.newest), ".".join(ranges), *([self.digest] if self.digest else [])])

    def covers(self, file_id: int) -> bool:
        """Return whether a file id is in the ranges of unfinished files."""
        return any(first <= file_id <= last for first, last in self.unfinished)


@dataclass(frozen=True)
class Look:
    """The files to send to a page, with the counts and the cursor for the next look."""

    files: Sequence[TileRow]
    seen: Seen
    counts: order.Counts


def look(collection_id: int, seen: Seen | None) -> Look:
    """Return the files that changed since `seen`; without it, the unfinished ones."""
    with reading() as session:
        newest = session.scalar(select(func.max(File.id)).where(File.collection_id == collection_id)) or 0
        found = session.execute(_candidates(collection_id, seen or Seen(newest), newest)).all()
        counts = order.counts(collection_id)
        unfinished = ranges(sorted(row.id for row in found if row.processing_status in OPEN))
        now = Seen(newest, unfinished, _digest(found, newest, counts))
        changed = [row.id for row in found if _is_news(row, seen)] if now != seen else []
        files = tile_rows.of_ids(changed) if changed else ()
    return Look(files, now, counts)


def _candidates(collection_id: int, seen: Seen, newest: int) -> CompoundSelect[*State]:
    """A union, because each part uses an index, which an OR of the parts would not."""
    columns = File.id, File.processing_status, File.attempts, File.completed_at
    live = select(*columns).where(*lookup.live_files(collection_id))
    was_open = (live.where(File.id.between(first, last)) for first, last in seen.unfinished)
    latest = live.where(File.id > min(seen.newest, newest) - LATE)
    return union(live.where(File.processing_status.in_(OPEN)), latest, *was_open)


def _digest(found: Iterable[Row[*State]], newest: int, counts: order.Counts) -> str:
    """Return a digest of the state that a page shows, independent of its cursor; equal digests mean no change."""
    states = sorted(
        f"{row.id} {row.processing_status} {row.attempts} {row.completed_at}"
        for row in found
        if row.processing_status in OPEN or row.id > newest - LATE
    )
    return sha256(f"{counts} {states}".encode()).hexdigest()[:16]


def _is_news(row: Row[*State], seen: Seen | None) -> bool:
    """Whether to send a file: not if it was pending at the last look and still waits for its first attempt."""
    if seen is None:
        return row.processing_status in OPEN
    waits = row.processing_status == ProcessingStatus.PENDING and not row.attempts
    return not (waits and seen.covers(row.id))


def ranges(ids: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Return ascending ids as (first, last) ranges; above MOST_RANGES the narrowest gaps are closed."""
    found: list[tuple[int, int]] = []
    for each in ids:
        if found and each == found[-1][1] + 1:
            found[-1] = (found[-1][0], each)
        else:
            found.append((each, each))
    while len(found) > MOST_RANGES:
        gap = min(range(1, len(found)), key=lambda n: found[n][0] - found[n - 1][1])
        found[gap - 1 : gap + 1] = [(found[gap - 1][0], found[gap][1])]
    return tuple(found)
