"""The server is killed during an upload, the page closed, and the same folder dropped again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.uploading import Sent, drop, expect_uploaded
from tests.support.pictures import jpeg
from tests.support.processes import eventually
from tests.support.server import LiveServer

COUNT = int(os.environ.get("UPLOAD_PHOTOGRAPHS", "60"))  # 200 by hand; 60 show the same in a third of the time
PATIENCE = 180.0


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveServer]:
    """A server that may be killed."""
    with LiveServer(tmp_path / "live") as server:
        server.create_user()
        yield server


def page_of(live: LiveServer, browser: Browser) -> tuple[BrowserContext, Page]:
    """A browser of Ada's at her newest collection."""
    context = browser.new_context(base_url=live.url)
    with live.sign_in() as ada:
        context.add_cookies([{"name": c.name, "value": c.value or "", "url": live.url} for c in ada.http.cookies])
    page = context.new_page()
    page.goto(f"/collections/{live.rows('SELECT uuid FROM collections')[0][0]}")
    return context, page


def photographs(folder: Path) -> set[str]:
    """Write small photographs; returns their digests."""
    digests = set()
    for n in range(COUNT):
        data = jpeg(240 + n % 7, 160, (n % 256, (n * 7) % 256, n // 256 + 40))
        (folder / f"DSC_{n:04}.jpg").write_bytes(data)
        digests.add(hashlib.sha256(data).hexdigest())
    assert len(digests) == COUNT
    return digests


def kept(live: LiveServer) -> int:
    return int(live.rows("SELECT count(*) FROM files WHERE upload_complete")[0][0])


def test_every_photograph_is_there_once_after_a_kill_and_a_closed_page(
    live: LiveServer, browser: Browser, folder: Path
) -> None:
    digests = photographs(folder)
    with live.sign_in() as ada:
        ada.collection()
    first, page = page_of(live, browser)
    drop(page, folder)
    eventually(lambda: pump(page) and kept(live) >= COUNT // 4, PATIENCE, "a quarter is kept")
    live.kill()
    expect(page.locator("[data-upload-details]")).to_contain_text("Connection lost – retrying")
    live.start()
    eventually(lambda: pump(page) and kept(live) >= COUNT // 2, PATIENCE, "the page goes on by itself")
    first.close()

    before = kept(live)
    second, page = page_of(live, browser)
    sent = Sent(page)
    drop(page, folder)
    expect_uploaded(page, COUNT, COUNT, seconds=PATIENCE)
    assert sent.count <= COUNT - before
    rows = live.rows("SELECT sha256, storage_path FROM files")
    assert len(rows) == COUNT
    assert {digest for digest, _ in rows} == digests
    for digest, path in rows:
        assert hashlib.sha256((live.storage / path).read_bytes()).hexdigest() == digest
    second.close()


def pump(page: Page) -> bool:
    """Let Playwright process the events of the browser."""
    page.evaluate("0")
    return True
