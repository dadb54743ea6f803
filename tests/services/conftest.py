"""A collection to upload into and delete from, and the bin."""

from __future__ import annotations

import pytest

from app import Proofsheet
from tests.support.bin import Bin
from tests.support.studio import Studio


@pytest.fixture
def bin(app: Proofsheet) -> Bin:
    """The bin of the app."""
    return Bin(app)


@pytest.fixture
def collection(studio: Studio) -> str:
    """A collection of one photographer."""
    return studio.collection(studio.photographer())
