"""The lightbox with photos that the page has not loaded: ten thousand, received three at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewVisitor
from tests.e2e.devices import LAPTOP
from tests.e2e.stage import shown
from tests.support.server import LiveServer

# Another script of the page that provides the photographs, as a windowed grid does.
PROVIDER = """
import { provideSource } from "./lightbox/source.js"
import { slideOf } from "./lightbox/items.js"
const tiles = [...document.querySelectorAll(".gallery-item[data-lightbox-index]")]
const loaded = new Map()
const listeners = new Set()
let first = 0 // the number of the photograph at place 0
window.asked = []
window.failures = new Map() // by number, how often it fails yet
window.release = []
window.hold = false
window.revealed = null
provideSource({
  get count() { return 10000 - first },
  indexOf: async (uuid) => Number(uuid.slice(6)) - 1 - first,
  item: (index) => loaded.get(index + first) ?? null,
  async load(index) {
    const number = index + first
    window.asked.push(number)
    if (window.hold) await new Promise((resolve) => window.release.push(resolve))
    const failures = window.failures.get(number) ?? 0
    window.failures.set(number, failures - 1)
    if (failures > 0) throw new Error("no connection")
    const slide = slideOf(tiles[number % tiles.length])
    loaded.set(number, { ...slide, uuid: `photo-${number + 1}`, name: `${number + 1}.jpg` })
  },
  element: () => null,
  reveal: async (index) => ((window.revealed = index), null),
  onChange: (listener) => (listeners.add(listener), () => listeners.delete(listener)),
})
window.dropFirst = () => { first = 1; listeners.forEach((listener) => listener()) }
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, originals: dict[str, bytes]) -> Iterator[str]:
    """A collection on a server in debug mode: its scripts are the sources, one of which can be replaced."""
    with LiveServer(tmp_path_factory.mktemp("sources"), FLASK_DEBUG="1") as server:
        server.create_user()
        with server.sign_in() as photographer:
            collection = photographer.collection("Three")
            photographer.wait_for_large(*photographer.upload(collection, *originals.items()))
            yield photographer.page(collection)


@pytest.fixture
def page(new_visitor: NewVisitor) -> Page:
    """A laptop with ten thousand photographs, not yet on a page."""
    page = new_visitor(**LAPTOP).new_page()
    page.route("**/js/grid.js", lambda route: route.fulfill(content_type="text/javascript", body=PROVIDER))
    return page


def stands_at(page: Page, number: int) -> None:
    """Wait until the photograph with this number is shown."""
    box = page.get_by_role("dialog")
    expect(box.locator(".lightbox-name")).to_have_text(f"{number}.jpg")
    expect(shown(box)).to_have_js_property("complete", True)


def test_photo_9000_opens_by_its_url_and_loads_only_its_neighbours(page: Page, address: str) -> None:
    page.goto(f"{address}#photo=photo-9000")
    stands_at(page, 9000)
    expect(page.locator(".pswp__counter")).to_have_text("9000 of 10000")
    page.wait_for_load_state("networkidle")
    asked = page.evaluate("window.asked")
    assert 8999 in asked
    assert set(asked) <= set(range(8997, 9003))
    page.keyboard.press("End")
    stands_at(page, 10_000)
    page.keyboard.press("ArrowRight")
    stands_at(page, 1)
    page.keyboard.press("ArrowLeft")
    stands_at(page, 10_000)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("window.revealed") == 9999
    expect(page).to_have_url(address)


def test_lightbox_waits_for_a_photo_that_is_still_loading(page: Page, address: str) -> None:
    page.goto(address)
    page.evaluate("window.hold = true")
    page.evaluate("location.hash = 'photo=photo-500'")
    box = page.get_by_role("dialog")
    expect(box.locator('.pswp__item[aria-hidden="false"] .lightbox-loading')).to_be_visible()
    page.evaluate("window.hold = false; window.release.forEach((go) => go())")
    stands_at(page, 500)
    expect(box.locator('.pswp__item[aria-hidden="false"] .lightbox-loading')).to_have_count(0)
    expect(page).to_have_url(re.compile("#photo=photo-500$"))


def test_photo_that_fails_to_load_shows_error_and_is_retried_on_return(page: Page, address: str) -> None:
    page.goto(address)
    page.evaluate("window.failures.set(700, 2)")
    page.evaluate("location.hash = 'photo=photo-700'")
    stands_at(page, 700)
    page.keyboard.press("ArrowRight")
    box = page.get_by_role("dialog")
    expect(box.locator('.pswp__item[aria-hidden="false"]')).to_contain_text("This photo couldn’t be loaded")
    assert page.evaluate("window.asked.filter((number) => number === 700).length") == 2  # before, and on arriving
    page.keyboard.press("ArrowLeft")
    stands_at(page, 700)
    page.keyboard.press("ArrowRight")
    stands_at(page, 701)


def test_current_photo_stays_when_an_earlier_one_is_deleted(page: Page, address: str) -> None:
    page.goto(f"{address}#photo=photo-300")
    stands_at(page, 300)
    page.evaluate("window.dropFirst()")
    expect(page.locator(".pswp__counter")).to_have_text("299 of 9999")
    stands_at(page, 300)
    page.keyboard.press("ArrowRight")
    stands_at(page, 301)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    stands_at(page, 299)
