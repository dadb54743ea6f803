"""One unit of work: everything in it is committed together or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.errors import DatabaseBusy
from app.models import db
from app.sqlite import WRITES


@contextmanager
def transaction() -> Iterator[Session]:
    """A session that may write, committed on leaving and rolled back on an exception; raises DatabaseBusy.

    What was read before is read again inside: the snapshot it came from ends here.
    """
    session = db.session()
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("unsaved changes were made outside of a transaction")
    session.rollback()
    try:
        session.connection(execution_options={WRITES: True})
        yield session
        session.commit()
    except OperationalError as error:
        session.rollback()
        raise DatabaseBusy from error
    except BaseException:
        session.rollback()
        raise
