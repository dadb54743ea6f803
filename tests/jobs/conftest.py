"""The pool, with work that is held until a test releases it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.jobs.pool import InProcessQueue
from tests.jobs.works import NOTHING_DUE, NOTHING_HELD, WORKERS, Works


@pytest.fixture
def works() -> Works:
    """Work that is held until it is released."""
    return Works()


@pytest.fixture
def pool(works: Works) -> Iterator[InProcessQueue]:
    """The pool over `works`, with nothing due; closed afterwards."""
    pool = InProcessQueue(works.run, NOTHING_DUE, NOTHING_HELD, WORKERS)
    yield pool
    works.release()
    pool.close()
