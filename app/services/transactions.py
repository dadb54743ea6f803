"""One unit of work: everything in it is committed together or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Delete, Update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.errors import DatabaseBusy, DatabaseFull
from app.models import db
from app.sqlite import WRITES

OPEN = "proofsheet.transaction"


PG_DISK_FULL = "53100"  # https://www.postgresql.org/docs/current/errcodes-appendix.html


def translated(error: OperationalError) -> DatabaseBusy | None:
    """What a person is told of a database error; None if it is a fault of ours or of the installation.

    Of the moment are a lock, or (on PostgreSQL) a server that does not answer; a missing table or a read-only file is
    not: https://www.sqlite.org/rescode.html
    """
    if _is_full(error.orig):
        return DatabaseFull()
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is None or code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DatabaseBusy()
    return None


def reason(error: DatabaseBusy) -> str:
    """What the database said, in one line, for the log."""
    said = getattr(error.__cause__, "orig", None) or error.__cause__ or error.message
    return " ".join(str(said).split())


@contextmanager
def naming_faults() -> Iterator[None]:
    """Around work that reads outside of transactions, too: raises DatabaseBusy where the database does not answer."""
    try:
        yield
    except OperationalError as error:
        db.session.rollback()
        if (named := translated(error)) is not None:
            raise named from error
        raise


def _is_full(error: BaseException | None) -> bool:
    """Whether the disk is; beside SQLite's own word for that, its index of the log could not grow."""
    if getattr(error, "sqlstate", None) == PG_DISK_FULL:
        return True
    return getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)


@contextmanager
def transaction() -> Iterator[Session]:
    """A session that may write, committed on leaving and rolled back on an exception; raises DatabaseBusy.

    What was read before is read again inside: the snapshot it came from ends here.
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
        if (named := translated(error)) is not None:
            raise named from error
        raise
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(OPEN)


def changed(session: Session, statement: Update | Delete) -> int:
    """How many rows the statement changed; what the session has read of them stays as it was."""
    result = session.execute(statement, execution_options={"synchronize_session": False})
    return result.rowcount if isinstance(result, CursorResult) else 0


def end_reading() -> None:
    """End the read transaction that is open, before a wait for bytes or for another process.

    For work on rows that a caller has read; what a function reads itself belongs in `reading`.
    """
    db.session.rollback()


@contextmanager
def reading() -> Iterator[Session]:
    """A session to read with, where a database that does not answer is something to deal with; raises DatabaseBusy."""
    session = db.session()
    try:
        yield session
    except OperationalError as error:
        if (named := translated(error)) is not None:
            raise named from error
        raise
    finally:
        session.rollback()
