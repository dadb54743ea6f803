"""A program with a token of Ada's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app import Proofsheet
from app.models import Scope
from tests.factories import Studio
from tests.tokens import program


@pytest.fixture
def ada(studio: Studio) -> int:
    return studio.photographer()


@pytest.fixture
def by(app: Proofsheet, ada: int) -> Callable[[Scope], FlaskClient]:
    """Programs with a token of Ada's, by its scope."""
    return lambda scope: program(app, ada, scope)


@pytest.fixture
def api(app: Proofsheet, ada: int) -> FlaskClient:
    """A program that may do everything with what is Ada's."""
    return program(app, ada, Scope.MANAGE)
