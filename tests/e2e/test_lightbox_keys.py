"""The lightbox by keyboard and wheel: first and last, full screen, slideshow, help, and where the focus is."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import NewVisitor
from tests.e2e.devices import LAPTOP
from tests.e2e.stage import grows_beyond, grows_to, opened, ready, width_of

INSIDE = "document.querySelector('.pswp').contains(document.activeElement)"


@pytest.fixture
def laptop(new_visitor: NewVisitor, gallery: tuple[str, list[str]]) -> Page:
    """A laptop that shows the second of three photographs, and a clock that can be moved."""
    page = new_visitor(**LAPTOP).new_page()
    page.clock.install()
    page.goto(f"{gallery[0]}#photo={gallery[1][1]}")
    ready(page, 2)
    return page


def test_home_and_end_go_to_the_first_and_the_last(laptop: Page) -> None:
    laptop.keyboard.press("End")
    opened(laptop, 3)
    laptop.keyboard.press("Home")
    opened(laptop, 1)


def test_wheel_zooms_at_the_pointer(laptop: Page) -> None:
    box = laptop.get_by_role("dialog")
    laptop.mouse.move(720, 450)
    before = width_of(box)
    laptop.mouse.wheel(0, -200)
    expect(laptop.locator(".pswp--zoomed-in")).to_be_visible()
    zoomed = grows_beyond(box, before * 1.2)
    laptop.mouse.wheel(120, 0)  # sideways it moves the picture
    assert width_of(box) == zoomed
    laptop.mouse.wheel(0, 2000)
    grows_to(box, before)


def fill_the_screen(page: Page) -> None:
    """Press F, and again where the browser refused: it does while it still leaves the last full screen."""
    leave = page.get_by_role("dialog").get_by_role("button", name="Leave full screen")
    for _ in range(4):
        page.keyboard.press("f")
        with suppress(AssertionError):
            expect(leave).to_be_visible(timeout=5_000)
            return
    expect(leave).to_be_visible()


def test_f_enters_and_leaves_full_screen(laptop: Page) -> None:
    box = laptop.get_by_role("dialog")
    fill_the_screen(laptop)
    assert laptop.evaluate("document.fullscreenElement.className").startswith("pswp")
    laptop.keyboard.press("f")
    expect(box.get_by_role("button", name="Full screen")).to_be_visible()
    fill_the_screen(laptop)
    box.get_by_role("button", name="Close (Esc)").click()
    expect(box).to_have_count(0)
    assert laptop.evaluate("document.fullscreenElement") is None


def test_full_screen_button_is_absent_where_unsupported(
    new_visitor: NewVisitor, gallery: tuple[str, list[str]]
) -> None:
    page = new_visitor(**LAPTOP).new_page()
    page.add_init_script("Object.defineProperty(document, 'fullscreenEnabled', { value: false })")
    page.goto(f"{gallery[0]}#photo={gallery[1][1]}")
    expect(ready(page, 2).get_by_role("button", name="screen")).to_have_count(0)


def test_space_starts_slideshow_every_four_seconds_until_interrupted(laptop: Page) -> None:
    box = laptop.get_by_role("dialog")
    laptop.keyboard.press(" ")
    expect(box.get_by_role("button", name="Pause the slideshow")).to_be_visible()
    laptop.clock.fast_forward(3500)
    opened(laptop, 2)
    laptop.clock.fast_forward(1000)
    opened(laptop, 3)
    laptop.clock.fast_forward(4500)
    opened(laptop, 1)
    laptop.keyboard.press("ArrowRight")
    opened(laptop, 2)
    expect(box.get_by_role("button", name="Start the slideshow")).to_be_visible()
    laptop.clock.fast_forward(10_000)
    opened(laptop, 2)


@pytest.mark.parametrize("what", ["a click", "the wheel", "another tab", "its button"])
def test_slideshow_is_paused_by(laptop: Page, what: str) -> None:
    box = laptop.get_by_role("dialog")
    box.get_by_role("button", name="Start the slideshow").click()
    expect(box.get_by_role("button", name="Pause the slideshow")).to_be_visible()
    if what == "a click":
        laptop.mouse.click(720, 450)
    elif what == "the wheel":
        laptop.mouse.move(720, 450)
        laptop.mouse.wheel(0, -100)
    elif what == "its button":
        box.get_by_role("button", name="Pause the slideshow").click()
    else:
        laptop.evaluate(
            "Object.defineProperty(document, 'hidden', { value: true });"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )
    expect(box.get_by_role("button", name="Start the slideshow")).to_be_visible()
    laptop.clock.fast_forward(10_000)
    opened(laptop, 2)


def test_the_slideshow_waits_for_the_next_picture(new_visitor: NewVisitor, gallery: tuple[str, list[str]]) -> None:
    page = new_visitor(**LAPTOP).new_page()
    page.clock.install()
    held: list[Route] = []
    page.route(f"**/{gallery[1][2]}/preview?*", lambda route: held.append(route))
    page.goto(f"{gallery[0]}#photo={gallery[1][1]}")
    ready(page, 2)
    page.keyboard.press(" ")
    page.clock.fast_forward(20_000)
    opened(page, 2)
    for route in held:
        route.continue_()
    opened(page, 3)


def test_question_mark_lists_the_keys_and_escape_closes_only_the_list(laptop: Page) -> None:
    laptop.keyboard.press("?")
    keys = laptop.get_by_role("dialog", name="Keyboard shortcuts")
    for words in ("First, last", "slideshow", "Information", "Full screen"):
        expect(keys).to_contain_text(words)
    laptop.keyboard.press("ArrowRight")
    laptop.keyboard.press("Escape")
    expect(keys).to_have_count(0)
    opened(laptop, 2)


def test_focus_stays_in_the_dialog_reaches_every_control_and_is_visible(laptop: Page) -> None:
    visited: list[str] = []
    for _ in range(14):
        laptop.keyboard.press("Tab")
        if laptop.evaluate("document.activeElement === document.body"):
            continue  # the browser's own bar, from where one comes in again
        assert laptop.evaluate(INSIDE)
        visited.append(laptop.evaluate("document.activeElement.ariaLabel ?? document.activeElement.textContent"))
        ring = laptop.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring == "solid" or "pswp" in laptop.evaluate("document.activeElement.className")
    buttons = (
        "Start the slideshow",
        "Information",
        "Share",
        "Download",
        "Zoom",
        "Full screen",
        "Keyboard shortcuts",
        "Close",
        "Next",
    )
    for name in (*buttons, "Next"):
        assert any(name in label for label in visited), (name, visited)


def test_space_presses_the_focused_button(laptop: Page) -> None:
    laptop.get_by_role("button", name="Information (I)").focus()
    laptop.route("**/info", lambda route: route.fulfill(json={"name": "x.jpg"}))
    laptop.keyboard.press(" ")
    expect(laptop.get_by_role("region", name="Information")).to_be_visible()
    expect(laptop.get_by_role("button", name="Start the slideshow")).to_be_visible()


def test_screen_readers_hear_which_photograph_it_is(laptop: Page) -> None:
    laptop.keyboard.press("ArrowRight")
    spoken = laptop.get_by_role("status").filter(has_text=re.compile("Photo 3 of 3: 03 Dance.jpg"))
    expect(spoken).to_have_count(1)
