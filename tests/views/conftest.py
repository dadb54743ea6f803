"""A photographer at work."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.support.studio import JSON, Studio


@pytest.fixture
def owner(studio: Studio) -> FlaskClient:
    """Ada's browser."""
    studio.photographer()
    return studio.client("ada@example.com")


@pytest.fixture
def collection(owner: FlaskClient) -> str:
    """Ada's collection."""
    return str(owner.post("/collections/", data={"title": "T", "privacy": "public"}, headers=JSON).json["uuid"])


@pytest.fixture
def edited_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script or stylesheet that has changed since the bundles were made, so that pages name the sources."""
    monkeypatch.setattr("app.views.bundles._current", dict)
