"""Two databases and their temporary faults."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from tests.support.postgres import Cluster


class Trouble(Protocol):
    """A temporary fault, which may begin in the middle of a request."""

    url: str

    def begin(self) -> None:
        """Begin the fault."""
        ...

    def end(self) -> None:
        """End the fault, if it has begun."""
        ...


class Locked:
    """SQLite, while another program holds the lock for writing and does not let go."""

    def __init__(self, path: str) -> None:
        self.url, self._path = f"sqlite:///{path}", path
        self._other: sqlite3.Connection | None = None

    def begin(self) -> None:
        """Lock the database."""
        if self._other is None:
            self._other = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=30)
            self._other.execute("BEGIN IMMEDIATE")

    def end(self) -> None:
        """Release it."""
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
    """Context of a fault, which begins at once or when other code begins it, and ends with the block."""
    if begun:
        trouble.begin()
    try:
        yield
    finally:
        trouble.end()
