"""The app of a test: SQLite and local storage in a temporary folder, no CSRF, no limits, a queue worked by hand."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from app import Proofsheet, create_app
from app.jobs import tasks
from app.models import db
from app.services.queue import QUEUE, Job
from app.services.variants import processing
from tests.support.processes import removed_at_exit

WAIT_SECONDS = 20.0


def settings_in(folder: Path) -> dict[str, Any]:
    """Settings of an app that keeps everything in this folder."""
    return {
        "TESTING": True,
        "SECRET_KEY": "only for tests",
        "DATABASE_URL": f"sqlite:///{folder / 'test.db'}",
        "SQLALCHEMY_ENGINE_OPTIONS": {"poolclass": NullPool},
        "STORAGE_PATH": str(folder / "storage"),
        "SPOOL_PATH": str(folder / "spool"),
        "MAINTENANCE_PATH": str(folder / "maintenance"),
        "VARIANT_WAIT_SECONDS": WAIT_SECONDS,
        "WTF_CSRF_ENABLED": False,
        "RATELIMIT_ENABLED": False,
    }


class ManualQueue:
    """A queue that works only when it is waited for, in the waiting thread: tests decide when."""

    def __init__(self, app: Proofsheet) -> None:
        self.app = app
        self.submitted: list[Job] = []
        self.background: list[Job] = []
        self._paused = False

    @property
    def paused(self) -> bool:
        """Whether jobs are left undone; setting it also shortens the time that visitors wait for them."""
        return self._paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        self._paused = paused
        self.app.config["VARIANT_WAIT_SECONDS"] = 0.1 if paused else WAIT_SECONDS

    def start(self) -> None:
        """No-op."""

    def leave(self) -> None:
        """No-op."""

    def close(self) -> None:
        """No-op."""

    def submit(self, file_id: int, variant: str | None = None, *, background: bool = False) -> None:
        """Remember the job."""
        (self.background if background else self.submitted).append((file_id, variant))

    def wait(self, file_ids: Any, timeout_seconds: float, variant: str | None = None) -> None:
        """Run the submitted jobs, unless paused."""
        while self.submitted and not self.paused and timeout_seconds > 0:
            tasks.run(self.app, *self.submitted.pop(0))

    def run_due(self) -> None:
        """Run the due jobs, as sweeper and pool would."""
        with self.app.app_context():
            processing.give_up_exhausted()
            for file_id, _fresh in processing.due(100):
                tasks.run(self.app, file_id)


class Browser(FlaskClient):
    """A client that reads every response to its end, so that the file behind it is closed."""

    def open(self, *args: Any, **more: Any) -> Any:
        """Return the response, buffered."""
        return super().open(*args, **({"buffered": True} | more))


@contextmanager
def running(settings: dict[str, Any], *, by_hand: bool = True) -> Iterator[Proofsheet]:
    """An app with its tables; its queue is a ManualQueue, or the configured one if not `by_hand`."""
    app = create_app(settings)
    app.test_client_class = Browser
    if by_hand:
        app.extensions[QUEUE] = ManualQueue(app)
    with app.app_context():
        _make_tables(settings["DATABASE_URL"])
    yield app
    with app.app_context():
        db.engine.dispose()


def _make_tables(url: str) -> None:
    path = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite:///") and not path.exists():
        shutil.copyfile(_empty_database(), path)
    else:
        db.create_all()


@cache
def _empty_database() -> Path:
    """A database with all tables, made once in each process: copying it takes 1 ms, making the tables 60."""
    path = removed_at_exit(Path(tempfile.mkdtemp(prefix="proofsheet-tables-"))) / "empty.db"
    engine = create_engine(f"sqlite:///{path}")
    db.metadata.create_all(engine)
    engine.dispose()
    return path
