"""A browser at work through the proxy: it uploads small and large files, and sees them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.uploading import choose, expect_uploaded, tile
from tests.support.photographer import Photographer
from tests.support.pictures import jpeg
from tests.support.proxies import SETTINGS
from tests.support.server import LiveServer

LARGE = 20_000_000  # bytes; sent in pieces
PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with the usual limits."""
    with LiveServer(tmp_path_factory.mktemp("live"), **SETTINGS) as server:
        server.create_user()
        yield server


@pytest.fixture
def page(browser: Browser, ada: Photographer) -> Iterator[Page]:
    """A page of the signed-in photographer that has no error in its console."""
    heard: list[str] = []
    context = browser.new_context(ignore_https_errors=True)
    context.add_cookies([cookie | {"secure": True} for cookie in ada.cookies])
    context.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    yield context.new_page()
    context.close()
    assert heard == []


def test_browser_uploads_and_sees_photos(page: Page, ada: Photographer, collection: str, tmp_path: Path) -> None:
    photo, film = tmp_path / "photo.jpg", tmp_path / "film.bin"
    photo.write_bytes(jpeg(1600, 1000))
    film.write_bytes(os.urandom(LARGE))
    page.goto(ada.page(collection))
    choose(page, photo, film)
    expect_uploaded(page, 2, 2, seconds=PATIENCE_MS / 1000)
    picture = tile(page, "photo.jpg").locator("img")
    expect(picture).to_have_js_property("complete", True, timeout=PATIENCE_MS)
    assert picture.evaluate("image => image.naturalWidth") > 0
    assert page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol") == "h2"
    wanted = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (photo, film)}
    assert set(ada.digests(collection)) == wanted
