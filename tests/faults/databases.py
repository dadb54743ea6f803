"""Two databases and what can be wrong with them for a while."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from tests.support.postgres import Cluster


class Trouble(Protocol):
    """Something that begins, perhaps in the middle of something else, and ends."""

    url: str

    def begin(self) -> None:
        """From here on the database does not do what it is asked."""
        ...

    def end(self) -> None:
        """It does again; nothing happens if it never began."""
        ...


class Locked:
    """SQLite, while another program holds the lock for writing and does not let go."""

    def __init__(self, path: str) -> None:
        self.url, self._path = f"sqlite:///{path}", path
        self._other: sqlite3.Connection | None = None

    def begin(self) -> None:
        """Lock it."""
        if self._other is None:
            self._other = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=30)
            self._other.execute("BEGIN IMMEDIATE")

    def end(self) -> None:
        """Let go."""
        if self._other is not None:
            self._other.execute("ROLLBACK")
            self._other.close()
            self._other = None


class Stopped:
    """PostgreSQL, when its server goes down and comes back."""

    def __init__(self, cluster: Cluster, url: str) -> None:
        self._cluster, self.url = cluster, url
        self._is_down = False

    def begin(self) -> None:
        """Stop it."""
        if not self._is_down:
            self._is_down = True
            self._cluster.stop()

    def end(self) -> None:
        """Start it again."""
        if self._is_down:
            self._cluster.start()
            self._is_down = False


@contextmanager
def lasting(trouble: Trouble, *, begun: bool = True) -> Iterator[None]:
    """Until the end of this; from its beginning, or from when something else begins it."""
    if begun:
        trouble.begin()
    try:
        yield
    finally:
        trouble.end()
