"""A server behind nginx, and the same behind Caddy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.proxies.upstream import Upstream, upstream
from tests.support.chromium import launch_arguments
from tests.support.photographer import Photographer
from tests.support.proxies import PROXIES, SETTINGS, Proxy
from tests.support.server import LiveServer

LIMIT_MB = 8
THREADS = 8  # of the server; few, so that a few clients would hold them all
# What deploy/Caddyfile leaves to choose by version.
CADDY_BUFFERS = {"# buffer_requests\n": "buffer_requests\n", "# max_buffer_size 4MiB": "max_buffer_size 4MiB"}


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The system's Chromium, of which the tests of a process share one."""
    return launch_arguments()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that lets its proxy send files."""
    few = {"GUNICORN_CMD_ARGS": f"--threads {THREADS}", "MAX_UPLOAD_MB": str(LIMIT_MB), "VARIANT_WAIT_SECONDS": "30"}
    with LiveServer(tmp_path_factory.mktemp("live"), **few, **SETTINGS) as server:
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


@pytest.fixture
def noting(proxy: Proxy, tmp_path: Path) -> Iterator[tuple[Proxy, Upstream]]:
    """The proxy, with everything on that holds requests back, in front of a server that notes what reaches it."""
    buffers = CADDY_BUFFERS if proxy.name == "caddy" else {}
    with upstream() as server, PROXIES[proxy.name](tmp_path, tmp_path, server.port, changes=buffers) as proxy:
        yield proxy, server
