"""A photographer at work."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.factories import Studio


@pytest.fixture
def owner(studio: Studio) -> FlaskClient:
    """Ada's browser."""
    studio.photographer()
    return studio.client("ada@example.com")
