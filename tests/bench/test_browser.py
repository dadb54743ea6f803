"""The browser bench measures photos, the lightbox, originals in the baseline, frames and memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from bench.browser import first_screen, lightbox, scrolling
from bench.browser.__main__ import ORIGINALS, chromium
from bench.browser.album import Album
from bench.browser.originals import VARIANT
from bench.browser.scenes import DESKTOP, FAST_4G, PHONE, Scene
from bench.browser.sides import Timing
from bench.browser.visit import visit
from tests.support.chromium import CHROMIUM
from tests.support.photographer import Photographer
from tests.support.pictures import jpeg
from tests.support.server import LiveServer
from tests.support.services_available import require

PHOTOGRAPHS = 40
PATIENCE_SECONDS = 20
SIZES = ((1500, 1000), (1000, 1500))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with one photographer."""
    with LiveServer(tmp_path_factory.mktemp("browser")) as server:
        server.create_user()
        yield server


@pytest.fixture(scope="module")
def ada(server: LiveServer) -> Iterator[Photographer]:
    """Its photographer."""
    with server.sign_in() as ada:
        yield ada


@pytest.fixture(scope="module")
def path(server: LiveServer, ada: Photographer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of a collection made of two pictures."""
    originals = [tmp_path_factory.mktemp("originals") / f"{number}.jpg" for number in range(len(SIZES))]
    for original, size in zip(originals, SIZES, strict=True):
        original.write_bytes(jpeg(*size))
    return f"/collections/{Album(server, ada, originals).collection('Smoke', PHOTOGRAPHS)}"


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium as the bench starts it; a process can have only one Playwright."""
    require("Chromium", CHROMIUM is not None, "apt-get install --no-install-recommends chromium")
    with chromium(playwright) as browser:
        yield browser


def test_every_photograph_is_ready_and_none_shares_an_address(server: LiveServer, ada: Photographer, path: str) -> None:
    files = ada.get(f"{path}/status").json()["files"]

    assert {file["status"] for file in files} == {"completed"}
    assert len({file["uuid"] for file in files}) == PHOTOGRAPHS
    assert all(ada.get(f"/collections/files/{files[-1]['uuid']}/{kind}").ok for kind in ("preview", "original"))


def test_the_first_screen_and_the_lightbox(
    server: LiveServer, path: str, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lightbox, "LOOKING_SECONDS", 0)
    monkeypatch.setattr(lightbox, "NEXT_AFTER_SECONDS", 0)

    screen = first_screen.look(browser, server.url + path, Scene(PHONE, FAST_4G), PATIENCE_SECONDS)
    slides = lightbox.look(browser, server.url + path, Scene(DESKTOP), PATIENCE_SECONDS)

    assert screen.photos
    assert screen.first is not None
    assert screen.last is not None
    assert FAST_4G.round_trip_ms < screen.first <= screen.last
    assert screen.bytes > 10_000
    assert screen.lcp > 0
    for slide in slides:
        assert slide.placeholder is not None
        assert slide.sharp is not None
        assert 0 < slide.placeholder <= slide.sharp


def test_scrolling_to_the_end_is_measured(
    server: LiveServer, path: str, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrolling, "IDLE_SECONDS", 0.2)
    monkeypatch.setattr(scrolling, "TURNED_SECONDS", 0.2)
    with visit(browser, Scene(DESKTOP)) as visitor:
        visitor.go(server.url + path)
        visitor.ask("firstScreen", PATIENCE_SECONDS * 1000)
        run = scrolling.scroll_down(browser, visitor, PHOTOGRAPHS)

    assert run.arrived
    assert run.frames
    assert run.idle
    for held in run.memory.values():
        assert min(held.heap, held.nodes, held.images, held.process) > 0


def test_the_baseline_has_the_same_page_with_originals(
    server: LiveServer, ada: Photographer, path: str, browser: Browser
) -> None:
    with LiveServer(server.storage.parent, config=ORIGINALS) as originals:
        theirs = ada.http.get(originals.url + path, headers={"Accept": "text/html"}, timeout=60).text
        screen = first_screen.look(browser, originals.url + path, Scene(DESKTOP), PATIENCE_SECONDS)
    ours = ada.get(path, headers={"Accept": "text/html"}).text
    smallest = min(path.stat().st_size for path in server.storage.glob("collections/*/*.jpg"))

    assert not VARIANT.search(theirs)
    assert len(re.findall("gallery-item", theirs)) == len(re.findall("gallery-item", ours))
    assert screen.photos
    assert screen.bytes > screen.photos * smallest


@pytest.mark.parametrize(
    ("values", "words"), [([3000.0, None, 1000.0], "3.00 s"), ([None, 1.0, None], "> 20 s"), ([500.0], "0.50 s")]
)
def test_missing_event_counts_as_never(values: list[float | None], words: str) -> None:
    assert str(Timing.of(values, PATIENCE_SECONDS)) == words


def test_a_page_without_pictures_has_no_first_screen(tmp_path: Path, browser: Browser) -> None:
    page = tmp_path / "page.html"
    page.write_text("<ul><li class='gallery-item'></li></ul>")
    with visit(browser, Scene(DESKTOP)) as visitor:
        visitor.go(page.as_uri())
        assert visitor.ask("firstScreen", 100)["photos"] is None
