"""A separate app for every test: SQLite and local storage in a temporary folder, no CSRF, no waiting."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.security import generate_password_hash

from app import Proofsheet, _bind_queue
from app.jobs.pool import InProcessQueue
from app.services.accounts import accounts
from app.services.collections import editing
from app.services.queue import QUEUE
from tests.support.app import ManualQueue, running, settings_in
from tests.support.studio import Studio

pytest_plugins = ["tests.support.gallery", "tests.support.postgres", "tests.support.s3"]

CHEAP = partial(generate_password_hash, method="pbkdf2:sha256:1")


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hashes that take no time instead of 50 ms."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "generate_password_hash", CHEAP)
        patch.setattr(editing, "generate_password_hash", CHEAP)
        patch.setattr(accounts, "DUMMY_HASH", CHEAP("a password of no account"))
        yield


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    """The settings of the app; a test may change them before it requests `app`."""
    return settings_in(tmp_path)


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
