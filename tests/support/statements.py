"""The statements that the database receives from a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from app.models import db


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that the database receives; inside an app context."""
    seen: list[str] = []

    def note(*context: Any) -> None:
        seen.append(context[2])

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)
