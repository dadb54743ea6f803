"""What changes in a collection while somebody looks at its page, told by looking again and again, and cheaply.

A look reads what is not at rest, what is new, and what was not at rest the last time: each by an index. What a page
has seen is kept in a token of a few numbers, so that it can go on after a break, in another process too.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import CompoundSelect, func, select, union
from sqlalchemy.orm import Session, selectinload

from app.errors import TooManyStreams
from app.models import File, ProcessingStatus
from app.services import lookup
from app.services.collections import order
from app.services.transactions import reading

OPEN = (ProcessingStatus.PENDING, ProcessingStatus.PROCESSING, ProcessingStatus.RETRYING)
STREAMS = 16  # of the 32 threads of app/server.py; each holds one for as long as its page is open
MOST_RANGES = 40  # in a token: beyond it ranges are joined, and some files at rest are told twice
LATE = 8  # PostgreSQL gives numbers before it commits: so many before the newest may have appeared since
NOTHING: Mapping[int, str] = MappingProxyType({})
TOKEN = re.compile(r"\d{1,18}:(\d{1,18}(-\d{1,18})?(\.\d{1,18}(-\d{1,18})?){0,63})?")


@dataclass(frozen=True)
class Seen:
    """What a page knows: the newest file, and those that were not at rest, as ranges of ids."""

    newest: int
    unrest: tuple[tuple[int, int], ...] = ()

    @classmethod
    def read(cls, token: str) -> Seen | None:
        """What a token says; None for what is no token of ours: the page is then told from the beginning."""
        if not TOKEN.fullmatch(token):
            return None
        newest, _, ranges = token.partition(":")
        pairs = (each.partition("-") for each in ranges.split(".") if each)
        return cls(int(newest), tuple((int(first), int(last or first)) for first, _, last in pairs))

    @property
    def token(self) -> str:
        """It as text."""
        ranges = (str(first) if first == last else f"{first}-{last}" for first, last in self.unrest)
        return f"{self.newest}:{'.'.join(ranges)}"


@dataclass(frozen=True)
class Look:
    """The files that a page should hear of, free of any session; what it has seen then, and in which states."""

    files: Sequence[File]
    seen: Seen
    counts: order.Counts
    states: Mapping[int, str]  # of the last look, so that the next one tells only what is another since


def look(collection_id: int, seen: Seen | None, states: Mapping[int, str] = NOTHING) -> Look:
    """What is not at rest, and what has come to rest or appeared since; without `seen` the former alone."""
    with reading() as session:
        newest = session.scalar(select(func.max(File.id)).where(File.collection_id == collection_id)) or 0
        found = session.execute(_candidates(collection_id, seen or Seen(newest))).all()
        now = {row.id: f"{row.processing_status} {row.attempts} {row.completed_at}" for row in found}
        unrest = [row.id for row in found if row.processing_status in OPEN]
        told = unrest if seen is None else now.keys()
        files = _files(session, [each for each in told if states.get(each) != now[each]])
        counts = order.counts(collection_id)
    return Look(files, Seen(newest, ranges(sorted(unrest))), counts, now)


def _candidates(collection_id: int, seen: Seen) -> CompoundSelect[int, ProcessingStatus, int, datetime | None]:
    """A union, because each part has an index and no database joins three by an OR."""
    columns = File.id, File.processing_status, File.attempts, File.completed_at
    live = select(*columns).where(*lookup.live_files(collection_id))
    was_open = (live.where(File.id.between(first, last)) for first, last in seen.unrest)
    return union(live.where(File.processing_status.in_(OPEN)), live.where(File.id > seen.newest - LATE), *was_open)


def _files(session: Session, ids: Sequence[int]) -> Sequence[File]:
    query = select(File).where(File.id.in_(ids), lookup.is_live(File)).order_by(File.id)
    files = session.scalars(query.options(selectinload(File.variants))).all()
    for file in files:
        session.expunge(file)
    return files


def ranges(ids: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Ascending ids as ranges, at most MOST_RANGES: then the narrowest gaps are closed."""
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


class Streams:
    """The streams of this process: not too many, and all over when it ends."""

    def __init__(self, most: int = STREAMS) -> None:
        self._places = threading.BoundedSemaphore(most)
        self._stopping = threading.Event()

    def take(self) -> Callable[[], None]:
        """A place for one stream, and how to give it back, once; raises TooManyStreams."""
        if self._stopping.is_set() or not self._places.acquire(blocking=False):
            raise TooManyStreams
        return once(self._places.release)

    def wait(self, seconds: float) -> bool:
        """Wait so long; True at once when the process ends."""
        return self._stopping.wait(seconds)

    def close(self) -> None:
        """End every stream."""
        self._stopping.set()


def once(function: Callable[[], None]) -> Callable[[], None]:
    """The function, of which a second call does nothing."""
    left = [function]

    def call() -> None:
        if left:
            left.pop()()

    return call
