"""A server behind nginx, and the same behind Caddy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.photographer import Photographer
from tests.support.proxies import PROXIES, SETTINGS, Proxy
from tests.support.server import LiveServer

LIMIT_MB = 8


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that lets its proxy send files."""
    folder = tmp_path_factory.mktemp("live")
    with LiveServer(folder, MAX_UPLOAD_MB=str(LIMIT_MB), VARIANT_WAIT_SECONDS="30", **SETTINGS) as server:
        server.create_user()
        yield server


@pytest.fixture(scope="module", params=list(PROXIES))
def proxy(
    request: pytest.FixtureRequest, server: LiveServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    """Each proxy in front of the server."""
    with PROXIES[request.param](tmp_path_factory.mktemp(request.param), server.storage, server.port) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def ada(proxy: Proxy) -> Iterator[Photographer]:
    """The photographer, who comes through the proxy."""
    with Photographer(proxy.url, certificate=proxy.certificate) as ada:
        yield ada


@pytest.fixture
def collection(ada: Photographer) -> str:
    """A new collection."""
    return ada.collection()
