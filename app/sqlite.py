"""SQLite set up for a server: WAL, a busy timeout, foreign keys, and write transactions that wait for each other."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from sqlalchemy import Connection, Engine, event

# Execution option of a transaction that takes the write lock at its start. A deferred transaction that reads, then
# writes, fails at once if another one wrote in between, despite the timeout: https://sqlite.org/isolation.html
WRITES = "writes"
# Execution option of a connection that executes a single statement, which SQLite isolates without a transaction.
SINGLE = "single"
BUSY_TIMEOUT_MS = 15_000


def configure(engine: Engine, *, foreign_keys: bool = True) -> None:
    """Set up each new connection of a SQLite engine; leave other engines unchanged."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # no implicit BEGIN of sqlite3 before the one below
        for pragma in _pragmas(foreign_keys):
            connection.execute(f"PRAGMA {pragma}")
        _turn_wal_on(connection)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get(SINGLE):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WRITES) else "BEGIN DEFERRED")


def _turn_wal_on(connection: sqlite3.Connection) -> None:
    """Switch the database file to WAL, retrying: two simultaneous attempts fail with "locked" despite the timeout."""
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
    # synchronous = FULL: with NORMAL a power cut may lose the last commits, which clients have seen confirmed.
    return (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "synchronous = FULL",
        f"foreign_keys = {'ON' if foreign_keys else 'OFF'}",
    )
