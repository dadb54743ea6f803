"""Column types and defaults that several tables share: UTC times, UUIDs, enumerations and tombstones."""

from __future__ import annotations

import enum
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import CheckConstraint, DateTime, Dialect, Enum, ForeignKey, Index, TypeDecorator, text
from sqlalchemy.orm import Mapped, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC on every database; the zone that SQLite drops is added when reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC for the database; raises ValueError for a naive datetime."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone cannot be stored")
        return value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """Return the function that reads a stored value; of SQLite's text one call makes an aware datetime."""
        return _read_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored time as an aware datetime in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _read_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


def utc_now() -> datetime:
    """Return the current time as an aware datetime in UTC."""
    return datetime.now(UTC)


def new_uuid() -> str:
    """Return a random UUID as a string of 36 characters."""
    return str(uuid4())


def enum_type(kind: type[enum.StrEnum], name: str) -> Enum:
    """Column type that stores the values of an enumeration, with a CHECK constraint of this name."""
    return Enum(
        kind, name=name, native_enum=False, create_constraint=True, length=20, values_callable=lambda e: [*map(str, e)]
    )


class Tombstone:
    """Columns of a row that can be moved to the bin and is purged (deleted permanently) later."""

    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    purge_after: Mapped[datetime | None] = mapped_column(UtcDateTime)  # during the purge: time of the next attempt
    purging_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # start of the purge; no restore after it
    purge_attempts: Mapped[int] = mapped_column(default=0)

    @property
    def is_deleted(self) -> bool:
        """Whether the row was moved to the bin; `app.services.lookup.is_deleted` is the same as an SQL condition."""
        return self.deleted_at is not None


def tombstone_rules(table: str) -> tuple[CheckConstraint | Index, ...]:
    """Constraints for the Tombstone columns of a table, and the index with which the purge finds due rows."""
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
