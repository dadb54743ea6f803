"""Fixtures of the tests of variants."""

from __future__ import annotations

import pytest

from tests.support.app import ManualQueue
from tests.support.studio import Studio


@pytest.fixture
def photo(studio: Studio, queue: ManualQueue) -> str:
    """The uuid of a photo that no worker has claimed."""
    queue.paused = True
    return studio.photo(studio.collection(studio.photographer()))
