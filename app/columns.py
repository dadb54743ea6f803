"""Columns that more than one table has: moments in UTC, random names, words, and tombstones."""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import CheckConstraint, DateTime, Dialect, Enum, ForeignKey, Index, TypeDecorator, text
from sqlalchemy.orm import Mapped, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time on every database; SQLite, which drops the zone, gets it back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC for the database; raises ValueError for a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The aware time, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def utc_now() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(UTC)


def new_uuid() -> str:
    """A random UUID as 36 characters."""
    return str(uuid4())


def words(kind: type[enum.StrEnum], name: str) -> Enum:
    """A column of words, each checked by the database."""
    return Enum(
        kind, name=name, native_enum=False, create_constraint=True, length=20, values_callable=lambda e: [*map(str, e)]
    )


class Tombstone:
    """What says of a row that it was deleted, and when all that belongs to it goes for good."""

    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    purge_after: Mapped[datetime | None] = mapped_column(UtcDateTime)  # or, once it has begun, the next attempt
    purging_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # from then on there is no way back
    purge_attempts: Mapped[int] = mapped_column(default=0)

    @property
    def is_deleted(self) -> bool:
        """Whether the row was moved to the bin; `app.services.lookup.is_deleted` is the same as an SQL condition."""
        return self.deleted_at is not None


def tombstone_rules(table: str) -> tuple[CheckConstraint | Index, ...]:
    """The constraints of a table of tombstones, and the index by which the purge finds them."""
    return (
        CheckConstraint("(deleted_at IS NULL) = (purge_after IS NULL)", name="deleted_has_purge_after"),
        CheckConstraint("purging_at IS NULL OR deleted_at IS NOT NULL", name="purging_is_deleted"),
        CheckConstraint("purge_attempts >= 0", name="purge_attempts_not_negative"),
        Index(
            f"ix_{table}_purge_after",
            "purge_after",
            sqlite_where=text("deleted_at IS NOT NULL"),
            postgresql_where=text("deleted_at IS NOT NULL"),
        ),
    )
