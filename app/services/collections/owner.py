"""The owner of a collection as visitors see it."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select

from app.models import Collection, User, db


class Owner(NamedTuple):
    """The name of an account, and the accent colour of its visitor pages as #rrggbb."""

    name: str = ""
    accent: str | None = None


def owner_of(collection: Collection) -> Owner:
    """Return the name and colour of a collection's owner, empty without one; one statement."""
    values = {"user_id": collection.owner_id}
    row = db.session.connection().execute(_statement(), values).one_or_none() if collection.owner_id else None
    return Owner._make(row) if row else Owner()


@cache
def _statement() -> Select[Any]:
    users = User.__table__.c
    return select(users.name, users.accent).where(users.id == bindparam("user_id"))
