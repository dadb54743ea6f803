"""The lightbox on touch screens: swipe, pinch, double tap."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewVisitor
from tests.e2e.devices import DENSE_PHONE
from tests.e2e.stage import NAMES, Touch, grows_beyond, grows_to, opened, ready, width_of

MIDDLE = (195, 420)
LEFT, RIGHT = (60, 420), (330, 420)


@pytest.fixture
def phone(new_visitor: NewVisitor, gallery: tuple[str, list[str]]) -> Page:
    """A phone that shows the second of three photographs."""
    page = new_visitor(**DENSE_PHONE).new_page()
    page.goto(gallery[0])
    page.get_by_role("img", name=NAMES[1]).tap()
    ready(page, 2)
    return page


def test_swipe_shows_next_and_previous_photo(phone: Page) -> None:
    touch = Touch(phone)
    touch.swipe(RIGHT, LEFT)
    opened(phone, 3)
    touch.swipe(LEFT, RIGHT)
    opened(phone, 2)
    touch.swipe(LEFT, RIGHT)
    opened(phone, 1)


def test_a_pinch_zooms_and_brings_no_original_before_full_size(phone: Page) -> None:
    requested_urls: list[str] = []
    phone.on("request", lambda request: requested_urls.append(request.url))
    box, touch = phone.get_by_role("dialog"), Touch(phone)
    before = width_of(box)
    touch.pinch(MIDDLE, (30, 48))
    grows_to(box, before * 1.54)
    expect(phone.locator(".pswp--zoomed-in")).to_be_visible()
    assert not [url for url in requested_urls if "/original" in url]
    touch.pinch(MIDDLE, (80, 40))
    expect(phone.locator(".pswp--zoomed-in")).to_have_count(0)
    opened(phone, 2)


def test_two_taps_zoom_and_one_hides_the_buttons(phone: Page) -> None:
    box, touch = phone.get_by_role("dialog"), Touch(phone)
    before = width_of(box)
    touch.tap(MIDDLE, times=2)
    expect(phone.locator(".pswp--zoomed-in")).to_be_visible()
    grows_beyond(box, before * 1.5)
    touch.tap(MIDDLE, times=2)
    expect(phone.locator(".pswp--zoomed-in")).to_have_count(0)
    grows_to(box, before)
    touch.tap(MIDDLE)
    expect(phone.locator(".pswp--ui-visible")).to_have_count(0)
    phone.keyboard.press("Tab")
    phone.keyboard.press("Tab")
    expect(phone.locator(".pswp--ui-visible")).to_be_visible()  # nobody steers a button that cannot be seen
    expect(box).to_be_visible()


def test_pulling_down_closes(phone: Page) -> None:
    Touch(phone).swipe((195, 300), (195, 760))
    expect(phone.get_by_role("dialog")).to_have_count(0)


def test_all_buttons_are_on_the_phone_and_large_enough(phone: Page) -> None:
    box = phone.get_by_role("dialog")
    for name in ("Start the slideshow", "Information (I)", "Share", "Full screen", "Download", "Close (Esc)"):
        control = box.get_by_label(name)
        expect(control).to_be_in_viewport(ratio=1)
        size = control.bounding_box()
        assert size is not None
        assert min(size["width"], size["height"]) >= 24
