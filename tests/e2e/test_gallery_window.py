"""A gallery of ten thousand photos: few tiles are in the page, each at its place, and nothing shifts."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from tests.e2e.album import big_collection
from tests.e2e.conftest import NewVisitor
from tests.e2e.test_layout import WATCH_SHIFTS
from tests.e2e.uploading import choose, save
from tests.support.photographer import Photographer
from tests.support.pictures import jpeg
from tests.support.server import LiveServer

COUNT = 10_000
ARRIVALS = 16
MOST_TILES = 150
SIZES = ((390, 844), (1280, 800), (1440, 900), (2560, 1440))

ROWS_OF_PAGE_AND_ARITHMETIC = """async () => {
  const { rowsOf } = await import("/collections/static/js/gallery/row_layout.js")
  const { measure } = await import("/collections/static/js/gallery/grid_window.js")
  const gallery = document.querySelector("[data-gallery]")
  const tiles = [...gallery.querySelectorAll(".gallery-item")]
  const layout = await (await fetch(document.querySelector("[data-collection]").dataset.layoutUrl)).json()
  const top = gallery.getBoundingClientRect().top
  const seen = tiles.map((tile) => tile.getBoundingClientRect())
  const rows = rowsOf(layout.ratios, layout.days, measure(gallery)).filter(({ count }) => count)
  const counted = rows.flatMap(({ top, height, count }) => Array(count).fill({ top, height }))
  return seen.map((box, index) => [box.top - top - counted[index].top, box.height - counted[index].height])
}"""

# What is in the page: [place in the order, uuid, distance of its upper edge from where the arithmetic puts it]
SHOWN = """() => [...document.querySelectorAll(".gallery-item[data-file-uuid]")].map((tile) => [
  Number(tile.dataset.lightboxIndex), tile.dataset.fileUuid])"""
ALL_HERE = """() => document.querySelectorAll(".gallery-item").length > 0 && !document.querySelector(".tile-waiting")
  && (() => { const box = [...document.querySelectorAll(".gallery-item")].map((tile) => tile.getBoundingClientRect())
    return box.some(({ top, bottom }) => bottom > 0 && top < innerHeight) })()"""


@pytest.fixture(scope="module")
def album(photographer: Photographer, server: LiveServer) -> tuple[str, list[str]]:
    """The address of ten thousand photographs, which the tests only look at, and their uuids in order."""
    collection, uuids = big_collection(photographer, server, COUNT)
    return photographer.page(collection), uuids


@pytest.fixture(scope="module")
def small(photographer: Photographer, server: LiveServer) -> str:
    """The address of sixty photographs of three days, all of which the server's page has."""
    collection, _ = big_collection(photographer, server, 60, days=3)
    return photographer.page(collection)


def opened(new_visitor: NewVisitor, address: str, size: tuple[int, int], **options: Any) -> Page:
    """A page with the gallery, once the window has taken over."""
    context = new_visitor(viewport={"width": size[0], "height": size[1]}, **options)
    context.add_init_script(WATCH_SHIFTS)
    page = context.new_page()
    page.goto(address)
    expect(page.locator(".gallery.windowed")).to_be_visible()
    return page


@pytest.mark.parametrize("width", [390, 500, 1280, 2560])
def test_the_arithmetic_breaks_rows_where_the_stylesheet_does(visitor: Page, small: str, width: int) -> None:
    visitor.set_viewport_size({"width": width, "height": 900})
    visitor.goto(small)
    differences = visitor.evaluate(ROWS_OF_PAGE_AND_ARITHMETIC)
    assert len(differences) == 60
    assert max(abs(px) for pair in differences for px in pair) < 1


def test_a_gallery_that_fits_the_page_is_left_as_it_is(visitor: Page, small: str) -> None:
    visitor.goto(small)
    visitor.wait_for_load_state("networkidle")
    expect(visitor.locator(".gallery-item")).to_have_count(60)
    expect(visitor.locator(".gallery.windowed")).to_have_count(0)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size[0]))
def test_only_tiles_near_the_viewport_are_in_the_page_and_placed_correctly(
    new_visitor: NewVisitor, album: tuple[str, list[str]], size: tuple[int, int]
) -> None:
    page = opened(new_visitor, album[0], size)
    height = page.evaluate("document.documentElement.scrollHeight")
    for part in (0, 0.02, 0.5, 0.501, 0.93, 1, 0.2, 0):
        page.evaluate("(y) => scrollTo(0, y)", height * part)
        page.wait_for_function(ALL_HERE)
        shown = page.evaluate(SHOWN)
        assert 4 <= len(shown) <= MOST_TILES
        assert shown == [[index, album[1][index]] for index in range(shown[0][0], shown[-1][0] + 1)]
        assert page.evaluate("document.documentElement.scrollHeight") == pytest.approx(height, abs=2)
    assert page.evaluate("window.shifts") == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_scrolling_with_the_wheel_shifts_no_tiles(new_visitor: NewVisitor, album: tuple[str, list[str]]) -> None:
    page = opened(new_visitor, album[0], (1440, 900))
    page.mouse.move(700, 500)
    for _ in range(40):
        page.mouse.wheel(0, 700)
    page.wait_for_function("() => scrollY > 20000")
    page.wait_for_function(ALL_HERE)
    assert page.evaluate("window.shifts") == []


def test_resizing_keeps_the_visible_photo_in_view(new_visitor: NewVisitor, album: tuple[str, list[str]]) -> None:
    page = opened(new_visitor, album[0], (1440, 900))
    page.evaluate("scrollTo(0, 300000)")
    page.wait_for_function(ALL_HERE)
    first = page.wait_for_function(AT_TOP).json_value()
    page.set_viewport_size({"width": 900, "height": 1300})
    page.wait_for_function(ALL_HERE)
    page.wait_for_function(f"(first) => Math.abs(({AT_TOP})() - first) <= 6", arg=first)  # other rows in another width


AT_TOP = """() => Number([...document.querySelectorAll(".gallery-item[data-file-uuid]")]
  .find((tile) => tile.getBoundingClientRect().bottom > 60)?.dataset.lightboxIndex)"""


def test_back_and_reload_return_to_the_same_place(new_visitor: NewVisitor, album: tuple[str, list[str]]) -> None:
    page = opened(new_visitor, album[0], (1440, 900))
    page.evaluate("scrollTo(0, 400123)")
    page.wait_for_function(ALL_HERE)
    page.wait_for_function("() => Object.keys(sessionStorage).length > 0")
    page.reload()
    page.wait_for_function("() => Math.abs(scrollY - 400123) < 2")
    page.goto("/auth/sign-in")
    page.go_back()
    page.wait_for_function("() => Math.abs(scrollY - 400123) < 2")
    page.wait_for_function(ALL_HERE)
    page.goto("/auth/sign-in")
    page.goto(album[0])  # anew, and not back
    expect(page.locator(".gallery.windowed")).to_be_visible()
    assert page.evaluate("scrollY") == 0


@pytest.mark.parametrize("size", [(390, 844), (1440, 900)], ids=["phone", "laptop"])
def test_day_is_reached_by_keyboard_or_touch(
    new_visitor: NewVisitor, album: tuple[str, list[str]], size: tuple[int, int]
) -> None:
    page = opened(new_visitor, album[0], size)
    page.keyboard.press("d")
    page.keyboard.type("15 may")
    page.keyboard.press("Enter")
    tile = page.locator(f"#file-{album[1][5500]}")  # the first of the twelfth of twenty days
    expect(tile).to_be_in_viewport()
    expect(tile.locator("a").first).to_be_focused()
    expect(page.get_by_role("heading", name="15 May 2026")).to_be_in_viewport()
    page.get_by_role("button", name="Jump to a day").click()
    page.get_by_role("dialog").get_by_role("button", name="4 May 2026 500", exact=True).click()
    expect(page.locator(f"#file-{album[1][0]}")).to_be_in_viewport()


def test_upload_of_a_folder_requests_the_layout_rarely_and_leaves_no_placeholder(
    owner: Page, photographer: Photographer, server: LiveServer, folder: Path
) -> None:
    collection, _ = big_collection(photographer, server, 130, days=2)
    looks: list[Request] = []
    owner.on("request", lambda request: looks.append(request) if "/layout?" in request.url else None)
    owner.goto(photographer.page(collection))
    expect(owner.locator(".gallery.windowed")).to_be_visible()
    start = time.monotonic()
    choose(owner, *save(folder, **{f"new{n}": jpeg(300 + n, 200) for n in range(ARRIVALS)}))
    expect(owner.locator(".local-tile")).to_have_count(0, timeout=60_000)
    expect(owner.locator("[data-photo-count]")).to_have_text(f"{130 + ARRIVALS} photos", timeout=30_000)
    assert len(looks) <= 3 + (time.monotonic() - start) / 2
