"""A program with a token of Ada's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.models import Scope
from tests.support.studio import Studio


@pytest.fixture
def ada(studio: Studio) -> int:
    return studio.photographer()


@pytest.fixture
def by(studio: Studio, ada: int) -> Callable[[Scope], FlaskClient]:
    """Programs with a token of Ada's, by its scope."""
    return lambda scope: studio.program(ada, scope)


@pytest.fixture
def api(studio: Studio, ada: int) -> FlaskClient:
    """A program with every scope on Ada's account."""
    return studio.program(ada, Scope.MANAGE)
