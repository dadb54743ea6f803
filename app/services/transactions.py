"""Transactions that write, sessions that read, and translation of database errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from sqlalchemy import Connection, Delete, Engine, Update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.errors import DatabaseBusy, DatabaseFull
from app.models import db
from app.sqlite import SINGLE, WRITES

OPEN = "proofsheet.transaction"  # the key in `session.info` while a transaction is open
PG_DISK_FULL = "53100"  # https://www.postgresql.org/docs/current/errcodes-appendix.html


def translate(error: OperationalError) -> DatabaseBusy | None:
    """Return DatabaseFull for a full disk, DatabaseBusy for a transient error, None for any other.

    Transient are a lock and, on PostgreSQL, every OperationalError, such as a lost connection. A missing table or a
    read-only file in SQLite is not: https://www.sqlite.org/rescode.html
    """
    if _is_full(error.orig):
        return DatabaseFull()
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is None or code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DatabaseBusy()
    return None


def reason(error: DatabaseBusy) -> str:
    """Return the message of the database in one line, for the log."""
    message = getattr(error.__cause__, "orig", None) or error.__cause__ or error.message
    return " ".join(str(message).split())


@contextmanager
def translating_errors() -> Iterator[None]:
    """Roll back and raise DatabaseBusy for a transient database error, in or outside of a transaction."""
    try:
        yield
    except OperationalError as error:
        db.session.rollback()
        if (translation := translate(error)) is not None:
            raise translation from error
        raise


def _is_full(error: BaseException | None) -> bool:
    """Return whether the disk is full; SQLITE_IOERR_SHMSIZE means that the index of SQLite's log could not grow."""
    if getattr(error, "sqlstate", None) == PG_DISK_FULL:
        return True
    return getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)


@contextmanager
def transaction() -> Iterator[Session]:
    """Yield a session that may write; commits on exit, rolls back on an exception. Raises DatabaseBusy.

    Ends the current read transaction first, so objects that were loaded before are read again.
    """
    session = db.session()
    if session.info.get(OPEN):
        raise RuntimeError("transactions do not nest: the inner one would end the outer one")
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("unsaved changes were made outside of a transaction")
    session.rollback()
    session.info[OPEN] = True
    try:
        session.connection(execution_options={WRITES: True})
        yield session
        session.commit()
    except OperationalError as error:
        session.rollback()
        if (translation := translate(error)) is not None:
            raise translation from error
        raise
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(OPEN)


def changed(session: Session, statement: Update | Delete) -> int:
    """Execute a statement and return the number of rows changed; objects already loaded are not refreshed."""
    result = session.execute(statement, execution_options={"synchronize_session": False})
    return result.rowcount if isinstance(result, CursorResult) else 0


def end_reading() -> None:
    """End the open read transaction before waiting for bytes or another process.

    For functions that receive rows from a caller; a function that reads rows itself uses `reading`.
    """
    db.session.rollback()


@contextmanager
def reading() -> Iterator[Session]:
    """Yield a session for reading, and end its transaction on exit; raises DatabaseBusy."""
    session = db.session()
    try:
        yield session
    except OperationalError as error:
        if (translation := translate(error)) is not None:
            raise translation from error
        raise
    finally:
        session.rollback()


@contextmanager
def reading_once() -> Iterator[Connection]:
    """Yield a connection for a single statement, without the session and a transaction; raises DatabaseBusy."""
    try:
        with _single(db.engine).connect() as connection:
            yield connection
    except OperationalError as error:
        if (translation := translate(error)) is not None:
            raise translation from error
        raise


@lru_cache(maxsize=4)
def _single(engine: Engine) -> Engine:
    """The same engine with the option SINGLE for its connections."""
    return engine.execution_options(**{SINGLE: True})
