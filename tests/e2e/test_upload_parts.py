"""Parts straight to an S3 store, as the browser sees them; the store and what signs for it are played by routes."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import LAPTOP_ONLY
from tests.e2e.uploading import Sent, choose, expect_uploaded, row

pytestmark = LAPTOP_ONLY
PART = 5_000_000
SIZE = 4 * PART - 1000
UPLOAD = "/collections/uploads/played"


class Store:
    """A fake store that signs, keeps and lists parts; `had` are parts of an earlier upload, `put` handles new ones."""

    def __init__(self, page: Page, film: Path, *, had: tuple[int, ...] = ()) -> None:
        self.data = film.read_bytes()
        self.had = had
        self.md5s: dict[int, str] = {}
        self.received: dict[int, str | None] = {}
        self.completed = 0
        self.put: Callable[[Route], None] = lambda route: route.fulfill(status=200, body="")
        page.route("**/collections/*/uploads", lambda route: route.fulfill(status=201, json=self.standing()))
        page.route(f"**{UPLOAD}", lambda route: route.fulfill(json=self.standing()))
        page.route(f"**{UPLOAD}/parts", self._sign)
        page.route(f"**{UPLOAD}/complete", self._complete)
        page.route("**/played-store/*", self._receive)

    def part(self, number: int) -> bytes:
        return self.data[(number - 1) * PART : number * PART]

    def standing(self) -> dict[str, Any]:
        parts = [{"number": number, "size": len(self.part(number))} for number in self.had]
        received = sum(part["size"] for part in parts)
        common = {"uuid": "played", "url": UPLOAD, "size": SIZE, "part_size": PART}
        return {**common, "mode": "parts", "received": received, "parts": parts}

    def _sign(self, route: Route) -> None:
        asked = route.request.post_data_json["parts"]
        self.md5s |= {part["number"]: part["md5"] for part in asked}
        route.fulfill(json={"urls": {str(part["number"]): f"/played-store/{part['number']}" for part in asked}})

    def _receive(self, route: Route) -> None:
        self.received[int(route.request.url.rsplit("/")[-1])] = route.request.headers.get("content-md5")
        self.put(route)

    def _complete(self, route: Route) -> None:
        self.completed += 1
        file = {"uuid": "played", "name": "film.bin", "size": SIZE, "sha256": hashlib.sha256(self.data).hexdigest()}
        route.fulfill(status=201, json={"files": [{**file, "status": "duplicate"}], "errors": []})


@pytest.fixture
def film(folder: Path) -> Path:
    """A file of four parts."""
    path = folder / "film.bin"
    path.write_bytes(os.urandom(SIZE))
    return path


@pytest.fixture
def page(studio: Page) -> Page:
    """A page whose tiles of faked uploads are not found."""
    studio.route("**/collections/files/played/tile*", lambda route: route.abort())
    return studio


def test_only_the_parts_that_the_store_lacks_are_sent(page: Page, film: Path) -> None:
    store, sent = Store(page, film, had=(1, 3)), Sent(page)
    choose(page, film)
    expect_uploaded(page, 1, 1)
    expected = {n: base64.b64encode(hashlib.md5(store.part(n)).digest()).decode() for n in (2, 4)}
    assert store.md5s == store.received == expected
    assert (sent.count, store.completed) == (2, 1)


def test_a_part_that_the_store_refuses_is_tried_again(page: Page, film: Path, browser_errors: Any) -> None:
    store = Store(page, film)
    answers = iter([503])
    store.put = lambda route: route.fulfill(status=next(answers, 200), body="")
    choose(page, film)
    expect(row(page, "film.bin")).to_contain_text("The photo store refused part of this file (503).")
    expect_uploaded(page, 1, 1)
    assert [said[:3] for said in browser_errors.heard] == ["503"]
    browser_errors.heard.clear()


def test_store_that_blocks_browsers_falls_back_to_the_server(page: Page, film: Path) -> None:
    store = Store(page, film)
    store.put = lambda route: route.abort()
    choose(page, film)
    expect_uploaded(page, 1, 1)
    assert store.completed == 0
    expect(page.locator('.gallery-item[data-file-name="film.bin"]')).to_be_visible()
