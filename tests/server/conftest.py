"""A running server with a photographer, and photos that take some time to prepare."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.photographer import Photographer
from tests.support.pictures import grainy
from tests.support.server import LiveServer

LIMIT_MB = 4


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that takes files of up to LIMIT_MB, shared by the tests of a module."""
    with LiveServer(tmp_path_factory.mktemp("live"), MAX_UPLOAD_MB=str(LIMIT_MB), BODY_STALL_SECONDS="2") as server:
        server.create_user()
        yield server


@pytest.fixture(scope="module")
def ada(server: LiveServer) -> Iterator[Photographer]:
    """The photographer of `server`."""
    with server.sign_in() as ada:
        yield ada


@pytest.fixture
def collection(ada: Photographer) -> str:
    """A new collection."""
    return ada.collection()


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[LiveServer]:
    """A server of the test's own, where no upload waits for its variants."""
    with LiveServer(tmp_path / "patient", VARIANT_WAIT_SECONDS="0") as server:
        server.create_user()
        yield server


@pytest.fixture(scope="session")
def slow_photo() -> bytes:
    """A progressive JPEG of 12 megapixels full of grain: half a second of work for a few megabytes."""
    return grainy((4000, 3000), 30, quality=75, progressive=True)
