"""An app for a whole module of tests, whose rows do not disturb each other: a new one costs a tenth of a second."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.pool import StaticPool

from app import Proofsheet, create_app
from app.models import db
from tests.conftest import Browser, ManualQueue

SECRET_KEY = "only for tests"


@contextmanager
def house(folder: Path, **settings: Any) -> Iterator[Proofsheet]:
    """The app with its tables, over a folder; limits are on unless told otherwise."""
    app = create_app(
        {
            "TESTING": True,
            "SECRET_KEY": SECRET_KEY,
            "DATABASE_URL": f"sqlite:///{folder / 'test.db'}",
            "SQLALCHEMY_ENGINE_OPTIONS": {"poolclass": StaticPool, "hide_parameters": True},
            "STORAGE_PATH": str(folder / "storage"),
            "SPOOL_PATH": str(folder / "spool"),
            "MAINTENANCE_PATH": str(folder / "maintenance"),
            "VARIANT_WAIT_SECONDS": 20.0,
            "WTF_CSRF_ENABLED": False,
            "RATELIMIT_ENABLED": True,
            **settings,
        }
    )
    app.test_client_class = Browser
    app.extensions["proofsheet.queue"] = ManualQueue(app)
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.engine.dispose()


def at(app: Proofsheet, address: str = "203.0.113.1", **more: str) -> Browser:
    """A browser at an address; `more` is of the environment of its requests."""
    client = app.test_client()
    assert isinstance(client, Browser)
    client.environ_base = client.environ_base | {"REMOTE_ADDR": address} | more
    return client
