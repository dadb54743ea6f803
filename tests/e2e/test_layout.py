"""Layout: pages must not shift while they load, nor scroll sideways on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import NewVisitor
from tests.support.photographer import Photographer
from tests.support.pictures import jpeg

SHAPES = ((900, 600), (600, 900), (800, 800), (1600, 400), (700, 525))
WIDTH = 390
PHONE = {"viewport": {"width": WIDTH, "height": 844}, "is_mobile": True, "has_touch": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
WATCH_SHIFTS = """
window.shifts = []
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const nodes = entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 120) ?? String(node))
    if (!entry.hadRecentInput) window.shifts.push({ value: entry.value, nodes })
  }
}).observe({ type: "layout-shift", buffered: true })
"""


@pytest.fixture(scope="module")
def thirty(photographer: Photographer) -> str:
    """The uuid of a collection of thirty pictures of many shapes, which the tests only look at."""
    collection = photographer.collection("Thirty pictures of a long and windy afternoon by the sea")
    pictures = [(f"{n:02}.jpg", jpeg(*SHAPES[n % len(SHAPES)], (n * 8, 120, 255 - n * 8))) for n in range(30)]
    photographer.upload(collection, *pictures)
    return collection


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_page_of_thirty_photographs_never_shifts(
    new_visitor: NewVisitor, photographer: Photographer, thirty: str, device: dict[str, Any]
) -> None:
    context = new_visitor(**device)
    context.add_init_script(WATCH_SHIFTS)
    page = context.new_page()
    page.goto(photographer.page(thirty))
    images = page.get_by_role("img").all()
    assert len(images) == 30
    for image in images:  # what loads lazily loads on the way down
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("image => image.naturalWidth") > 0
    page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame)).then(() => {})")
    assert page.evaluate("window.shifts") == []


def test_no_page_scrolls_sideways_on_a_phone(
    new_visitor: NewVisitor, photographer: Photographer, thirty: str, collection: str
) -> None:
    locked = photographer.collection("Behind a password", privacy="password", password="rosemary")
    over = photographer.collection("Over", expires_at="2020-01-31")
    photographer.upload(collection, (f"{'A very long name without any break ' * 4}.pdf", b"%PDF-1.4\n%%EOF\n"))
    visitor, owner = new_visitor(**PHONE), new_visitor(**PHONE)
    owner.add_cookies(photographer.cookies)
    visited = ["/auth/sign-in", "/nowhere", *(f"/collections/{uuid}" for uuid in (thirty, collection, locked, over))]
    owned = ["/collections/", "/collections/new", *(f"/collections/{collection}/{page}" for page in ("edit", "clocks"))]
    owned += [f"/collections/{uuid}" for uuid in (thirty, collection, locked)]
    for context, paths in ((visitor, visited), (owner, owned)):
        page = context.new_page()
        for path in paths:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") == WIDTH, path


def test_the_lightbox_fits_a_phone(new_visitor: NewVisitor, photographer: Photographer, thirty: str) -> None:
    page = new_visitor(**PHONE).new_page()
    page.goto(photographer.page(thirty))
    page.get_by_role("img", name="00.jpg").tap()
    box = page.get_by_role("dialog")
    expect(box).to_contain_text("1 of 30")
    for control in (
        box.get_by_role("button", name="Close"),
        box.get_by_role("link", name="Download"),
        box.locator(".lightbox-name"),
    ):
        expect(control).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") == WIDTH
