"""An app of its own for every test: SQLite and local storage in a temporary folder, no CSRF, no waiting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.pool import NullPool

from app import Proofsheet, create_app
from app.jobs import tasks
from app.jobs.pool import InProcessQueue
from app.models import db
from app.services.queue import QUEUE, Job
from app.services.variants import processing
from tests.factories import Studio

pytest_plugins = ["tests.postgres"]


WAIT_SECONDS = 20.0


def settings_in(folder: Path) -> dict[str, Any]:
    """What an app for tests is made with that keeps everything in this folder."""
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


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    """What the app of a test is made with; a test may change it before it asks for `app`."""
    return settings_in(tmp_path)


class ManualQueue:
    """A queue that works only when it is waited for, in the waiting thread: tests decide when."""

    def __init__(self, app: Proofsheet) -> None:
        self.app = app
        self.submitted: list[Job] = []
        self.background: list[Job] = []
        self._paused = False

    @property
    def paused(self) -> bool:
        """Whether nobody works; setting it also keeps visitors from waiting for that in vain."""
        return self._paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        self._paused = paused
        self.app.config["VARIANT_WAIT_SECONDS"] = 0.1 if paused else WAIT_SECONDS

    def start(self) -> None:
        """Nothing to start."""

    def leave(self) -> None:
        """Nothing to leave."""

    def close(self) -> None:
        """Nothing to close."""

    def submit(self, file_id: int, variant: str | None = None, *, background: bool = False) -> None:
        """Remember the job."""
        (self.background if background else self.submitted).append((file_id, variant))

    def wait(self, file_ids: Any, timeout_seconds: float, variant: str | None = None) -> None:
        """Do what was submitted, unless paused."""
        while self.submitted and not self.paused and timeout_seconds > 0:
            tasks.run(self.app, *self.submitted.pop(0))

    def run_due(self) -> None:
        """What the sweeper and the pool would do between them."""
        with self.app.app_context():
            processing.give_up_exhausted()
            for file_id, _fresh in processing.due(100):
                tasks.run(self.app, file_id)


class Browser(FlaskClient):
    """A client that reads every answer to its end, so that the file behind it is closed."""

    def open(self, *args: Any, **more: Any) -> Any:
        """The answer, buffered."""
        return super().open(*args, **({"buffered": True} | more))


@contextmanager
def running(settings: dict[str, Any], *, by_hand: bool = True) -> Iterator[Proofsheet]:
    """An app with its tables made; its queue is a ManualQueue, or its own where nobody works by hand."""
    app = create_app(settings)
    app.test_client_class = Browser
    if by_hand:
        app.extensions[QUEUE] = ManualQueue(app)
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(settings: dict[str, Any]) -> Iterator[Proofsheet]:
    """The app of one test; its queue is a ManualQueue."""
    with running(settings) as app:
        yield app


@pytest.fixture
def queue(app: Proofsheet) -> ManualQueue:
    """The queue of the app."""
    queue = app.extensions[QUEUE]
    assert isinstance(queue, ManualQueue)
    return queue


@pytest.fixture
def pool(app: Proofsheet) -> Iterator[InProcessQueue]:
    """The real pool in place of the manual queue."""
    app.extensions.pop(QUEUE)
    from app import _bind_queue

    _bind_queue(app)
    real = app.extensions[QUEUE]
    yield real
    real.close()


@pytest.fixture
def client(app: Proofsheet) -> FlaskClient:
    """A visitor's browser."""
    return app.test_client()


@pytest.fixture
def studio(app: Proofsheet) -> Studio:
    """Makes accounts, collections and files."""
    return Studio(app)
