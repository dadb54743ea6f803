"""SQLite as a server's database: WAL, a busy timeout, foreign keys, and writers that queue instead of failing."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from sqlalchemy import Connection, Engine, event

# A transaction with this execution option takes the write lock at its start. A deferred one that reads first and
# writes later fails at once when another writer came between, whatever the timeout: https://sqlite.org/isolation.html
WRITES = "writes"
BUSY_TIMEOUT_MS = 15_000


def configure(engine: Engine, *, foreign_keys: bool = True) -> None:
    """Set up every new connection of a SQLite engine; any other engine is left as it is."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # sqlite3's own implicit BEGIN would come before ours
        for pragma in _pragmas(foreign_keys):
            connection.execute(f"PRAGMA {pragma}")
        _turn_wal_on(connection)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN DEFERRED")


def _turn_wal_on(connection: sqlite3.Connection) -> None:
    """Once for the life of a database file; others that try at the same moment are told "locked", timeout or not."""
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _pragmas(foreign_keys: bool) -> tuple[str, ...]:
    # synchronous stays FULL: with NORMAL a power cut may lose the last commits, and a commit is our promise.
    return (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "synchronous = FULL",
        f"foreign_keys = {'ON' if foreign_keys else 'OFF'}",
    )
