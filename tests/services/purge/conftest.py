"""Either database, the bin, and a collection to delete from."""

from __future__ import annotations

from typing import Any

import pytest

from app import Proofsheet
from tests.factories import Studio
from tests.services.bin import Bin


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, settings: dict[str, Any]) -> dict[str, Any]:
    """On either database."""
    if request.param == "postgresql":
        settings["DATABASE_URL"] = request.getfixturevalue("postgres_url")
    return settings


@pytest.fixture
def bin(app: Proofsheet) -> Bin:
    """The bin of the app."""
    return Bin(app)


@pytest.fixture
def collection(studio: Studio) -> str:
    """A collection to delete from."""
    return studio.collection(studio.photographer())
