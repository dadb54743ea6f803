"""A gallery for maintenance tests, with ways to damage it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, event, update

from app import Proofsheet
from app.integrations.base import FileStorage
from app.models import File, Variant, db
from app.services.maintenance.findings import Finding
from app.services.maintenance.verify import Verification
from app.services.storage_service import StorageService
from tests.support.app import ManualQueue
from tests.support.studio import Studio

AT_ONCE = timedelta(seconds=-5)  # an age that every object has


class Gallery:
    """One collection with one prepared photograph, and ways to break both."""

    def __init__(self, app: Proofsheet, studio: Studio, queue: ManualQueue) -> None:
        self.app, self.studio, self.queue = app, studio, queue
        self.collection = studio.collection(studio.photographer())
        self.photo = studio.photo(self.collection)

    @property
    def store(self) -> FileStorage:
        """Where the files lie."""
        with self.app.app_context():
            return StorageService().current

    def key(self, name: str | None = None) -> str:
        """The key of the photograph, or of one of its variants."""
        file = self.studio.file(self.photo)
        return file.storage_path if name is None else next(row.path for row in file.variants if row.name == name)

    def lose(self, name: str | None = None) -> None:
        """Remove an object behind the database's back."""
        self.store.delete(self.key(name))

    def replace(self, data: bytes, name: str | None = None) -> None:
        """Put other bytes in an object's place."""
        key = self.key(name)
        self.store.delete(key)
        self.store.put(key, io.BytesIO(data))

    def size_is(self, size: int, name: str) -> None:
        """Set the size in the row of a variant."""
        self.execute(update(Variant).where(Variant.name == name).values(size=size))

    def stray(self, key: str, data: bytes = b"left over") -> str:
        """Put an object that no row names."""
        return self.store.put(key, io.BytesIO(data)).key

    def forget(self, name: str) -> None:
        """Delete the row of a variant."""
        self.execute(delete(Variant).where(Variant.name == name))

    def execute(self, statement: Any) -> None:
        """Change rows directly."""
        with self.app.app_context():
            db.session.execute(statement)
            db.session.commit()

    def set(self, **columns: Any) -> None:
        """Change the photograph's row."""
        self.execute(update(File).where(File.uuid == self.photo).values(**columns))

    def findings(self, orphan_age: timedelta = AT_ONCE) -> list[Finding]:
        """What verifying finds."""
        with self.app.app_context():
            return list(Verification(orphan_age=orphan_age).findings())


@pytest.fixture
def gallery(app: Proofsheet, studio: Studio, queue: ManualQueue) -> Gallery:
    """A gallery with one photograph."""
    return Gallery(app, studio, queue)


class Statements:
    """The SQL statements that were sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def __len__(self) -> int:
        return len(self.sent)


@contextmanager
def counting(app: Proofsheet) -> Iterator[Statements]:
    """Collects the statements of a block."""
    statements = Statements()

    def seen(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", seen)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", seen)
