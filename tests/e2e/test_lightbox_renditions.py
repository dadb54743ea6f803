"""The rendition that the lightbox shows on each screen; originals are sent only on request."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import NewVisitor
from tests.e2e.devices import DENSE_PHONE, LAPTOP
from tests.e2e.pictures import is_upright
from tests.e2e.stage import shown, shows, width_of
from tests.support.photographer import Photographer
from tests.support.pictures import corners, encoded, photograph

WIDTH, HEIGHT = 3000, 2000
DENSE = {**LAPTOP, "device_scale_factor": 2}
DESK = {"viewport": {"width": 2560, "height": 1440}}
LARGE = "**/variants/large?*"
SCRIPT_RAN = "() => import(document.querySelector('script[src*=\"lightbox\"]').src).then(() => null)"


@pytest.fixture(scope="module")
def wide(photographer: Photographer) -> str:
    """The address of a collection with three wide photographs."""
    collection = photographer.collection("Wide")
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        uuids = photographer.upload(collection, (name, photograph(WIDTH, HEIGHT, orientation=1) + name.encode()))
        photographer.wait_for_large(*uuids)
    return photographer.page(collection)


def requested_renditions(page: Page) -> list[str]:
    """The renditions that the page requests from now on."""
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url.split("?")[0].rsplit("/", 1)[-1]))
    return requested


def on_stage(page: Page, address: str, name: str = "a.jpg") -> Any:
    """The lightbox, open at a photograph that has been clicked."""
    page.goto(address)
    page.get_by_role("img", name=name).click()
    expect(page.locator(".lightbox-name")).to_have_text(name)
    return page.get_by_role("dialog")


@pytest.mark.parametrize(("screen", "large"), [(LAPTOP, False), (DENSE, True), (DESK, True), (DENSE_PHONE, False)])
def test_large_is_loaded_on_screens_with_enough_pixels(
    new_visitor: NewVisitor, wide: str, screen: dict[str, Any], large: bool
) -> None:
    page = new_visitor(**screen).new_page()
    requested = requested_renditions(page)
    box = on_stage(page, wide)
    shows(box, "large" if large else "preview")
    assert is_upright(shown(box))
    for name in ("b.jpg", "c.jpg", "a.jpg"):
        page.keyboard.press("ArrowRight")
        expect(box.locator(".lightbox-name")).to_have_text(name)
        shows(box, "large" if large else "preview")
    page.wait_for_load_state("networkidle")
    assert ("large" in requested) == large
    assert "original" not in requested


def test_preview_stays_until_large_is_decoded_without_layout_shift(new_visitor: NewVisitor, wide: str) -> None:
    page = new_visitor(**DENSE).new_page()
    held: list[Route] = []
    page.route(LARGE, lambda route: held.append(route))
    with page.expect_request(LARGE):
        box = on_stage(page, wide)
    shows(box, "preview")
    expect(shown(box)).to_have_js_property("complete", True)
    before = shown(box).bounding_box()
    held[0].continue_()
    shows(box, "large")
    assert shown(box).bounding_box() == before
    assert shown(box).evaluate("image => image.naturalWidth") == 2048


@pytest.mark.parametrize("answer", ["abort", "drawing"])
def test_preview_stays_where_large_fails_and_next_visit_retries(
    new_visitor: NewVisitor, wide: str, answer: str
) -> None:
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"/>'

    def refuse(route: Route) -> None:
        if answer == "abort":
            route.abort()
        else:
            headers = {"Content-Type": "image/svg+xml", "Cache-Control": "no-store"}
            route.fulfill(status=202, headers=headers, body=drawing)

    page = new_visitor(**DENSE).new_page()
    page.route(LARGE, refuse, times=1)
    with page.expect_request(LARGE):
        box = on_stage(page, wide)
    page.wait_for_load_state("networkidle")
    shows(box, "preview")
    page.keyboard.press("ArrowRight")
    expect(box.locator(".lightbox-name")).to_have_text("b.jpg")
    page.keyboard.press("ArrowLeft")
    expect(box.locator(".lightbox-name")).to_have_text("a.jpg")
    shows(box, "large")


def test_neighbours_load_after_the_current_photo(new_visitor: NewVisitor, wide: str) -> None:
    page = new_visitor(**LAPTOP).new_page()
    held: list[Route] = []
    page.route("**/preview?*", lambda route: held.append(route), times=1)
    page.goto(wide)
    page.evaluate(SCRIPT_RAN)
    requested = requested_renditions(page)
    page.locator(".tile-link").nth(1).click()
    box = page.get_by_role("dialog")
    expect(box.locator(".lightbox-name")).to_have_text("b.jpg")
    expect(page.locator(".pswp--ui-visible")).to_be_visible()
    assert requested.count("preview") == 1
    with page.expect_request("**/preview?*"):
        held[0].continue_()
    shows(box, "preview")
    page.keyboard.press("ArrowRight")  # to one that waited, and need not wait for its neighbour in turn
    expect(box.locator(".lightbox-name")).to_have_text("c.jpg")
    expect(shown(box)).to_have_js_property("complete", True)
    shows(box, "preview")


def test_zooming_in_brings_large_and_only_full_size_brings_the_original(new_visitor: NewVisitor, wide: str) -> None:
    page = new_visitor(**LAPTOP).new_page()
    requested = requested_renditions(page)
    box = on_stage(page, wide)
    shows(box, "preview")
    page.mouse.move(720, 450)
    before = width_of(box)
    page.mouse.wheel(0, -300)
    shows(box, "large")
    assert before * 1.3 < width_of(box) < WIDTH * 0.9
    page.wait_for_load_state("networkidle")
    assert "original" not in requested
    page.mouse.wheel(0, -3000)
    shows(box, "original")
    assert width_of(box) == pytest.approx(WIDTH, rel=0.01)
    expect(box).to_contain_text(f"Original, {WIDTH} × {HEIGHT}")


def test_original_is_released_when_its_slide_is_left(new_visitor: NewVisitor, wide: str) -> None:
    page = new_visitor(**LAPTOP).new_page()
    box = on_stage(page, wide)
    box.get_by_role("button", name="View original").click()
    shows(box, "original")
    page.keyboard.press("ArrowRight")
    expect(box.locator(".lightbox-name")).to_have_text("b.jpg")
    assert page.locator('.pswp img[src*="/original"]').count() == 0
    page.keyboard.press("ArrowLeft")
    shows(box, "preview")


def test_small_variant_is_shown_until_the_preview_has_loaded(new_visitor: NewVisitor, wide: str) -> None:
    page = new_visitor(**LAPTOP).new_page()
    held: list[Route] = []
    page.route("**/preview?*", lambda route: held.append(route))
    box = on_stage(page, wide)
    small = box.locator('.pswp__item[aria-hidden="false"] img.pswp__img--placeholder')
    expect(small).to_have_js_property("complete", True)
    before = small.bounding_box()
    for route in held:
        route.continue_()
    expect(small).to_have_count(0)
    after = shown(box).bounding_box()
    assert before is not None
    assert after is not None
    assert all(before[side] == pytest.approx(after[side], abs=1.5) for side in before)


def test_placeholder_is_shown_until_the_tile_has_loaded(new_visitor: NewVisitor, wide: str) -> None:
    page = new_visitor(**LAPTOP).new_page()
    page.route(re.compile(r"/(preview|variants/small)\?"), lambda route: None)  # a connection that brings nothing
    page.goto(wide, wait_until="commit")
    expect(page.locator("canvas.likeness")).to_have_count(3)
    page.evaluate(SCRIPT_RAN)  # the picture is still to come, so there is no quiet network to wait for
    page.locator(".tile-link").first.click()
    placeholder = page.locator('.pswp__item[aria-hidden="false"] img.pswp__img--placeholder')
    expect(placeholder).to_have_attribute("src", re.compile("^data:image/png"))


@pytest.mark.parametrize("density", [1, 2, 3])
def test_phone_loads_no_preview_where_small_is_twice_the_tile_size(
    new_visitor: NewVisitor, photographer: Photographer, density: int
) -> None:
    collection = photographer.collection("Four by three")
    photographer.upload(collection, *((f"{n}.jpg", photograph(2000, 1500 + n, orientation=1)) for n in range(2)))
    page = new_visitor(**DENSE_PHONE | {"device_scale_factor": density}).new_page()
    page.goto(photographer.page(collection))
    expect(page.get_by_role("img", name="0.jpg")).to_have_js_property("complete", True)
    chosen = page.get_by_role("img", name="0.jpg").evaluate("image => image.currentSrc")
    assert "/variants/small?" in chosen


def test_original_that_browsers_cannot_display_is_offered_for_download(
    new_visitor: NewVisitor, photographer: Photographer
) -> None:
    collection = photographer.collection("Scans")
    scan = encoded(corners(1600, 1000), "TIFF").getvalue()
    photographer.wait_for_large(*photographer.upload(collection, ("scan.tif", scan)))
    page = new_visitor(**LAPTOP).new_page()
    box = on_stage(page, photographer.page(collection), "scan.tif")
    box.get_by_role("button", name="View original").click()
    expect(box.get_by_text("This browser can’t show TIF files. Download the original instead.")).to_be_visible()
