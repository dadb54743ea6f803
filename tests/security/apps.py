"""An app for a whole module of tests, whose rows do not disturb each other: a new one costs a tenth of a second."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.pool import StaticPool

from app import Proofsheet
from tests.support.app import Browser, running, settings_in


@contextmanager
def house(folder: Path, **settings: Any) -> Iterator[Proofsheet]:
    """The app with its tables, over a folder; limits are on unless told otherwise."""
    one_connection = {"SQLALCHEMY_ENGINE_OPTIONS": {"poolclass": StaticPool, "hide_parameters": True}}
    with running(settings_in(folder) | {"RATELIMIT_ENABLED": True} | one_connection | settings) as app:
        yield app


def at(app: Proofsheet, address: str = "203.0.113.1", **more: str) -> Browser:
    """A browser at an address; `more` is of the environment of its requests."""
    client = app.test_client()
    assert isinstance(client, Browser)
    client.environ_base = client.environ_base | {"REMOTE_ADDR": address} | more
    return client
