"""The manual order: by mouse, touch, selection and keyboard; and moves that the server does not receive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.e2e.album import big_collection
from tests.e2e.conftest import NewVisitor
from tests.e2e.devices import LAPTOP, PHONE
from tests.e2e.stage import Touch
from tests.support.photographer import Photographer
from tests.support.server import LiveServer

LONG_ENOUGH = 600  # ms; a long press takes 350
IN_THE_PAGE, WINDOWED = 8, 200
BELOW_THE_BAR = "scrollBy(0, document.querySelector('[data-gallery]').getBoundingClientRect().top - 200)"


@dataclass(frozen=True)
class Table:
    """A collection in manual order, open for arranging."""

    page: Page
    address: str
    uuids: list[str]

    @property
    def first(self) -> list[int]:
        """The first photographs in the page, each by the place it had at the beginning."""
        tiles = self.page.locator("[data-gallery] .gallery-item[data-file-uuid]").all()[:4]
        return [self.uuids.index(str(tile.get_attribute("data-file-uuid"))) for tile in tiles]

    @property
    def has_touch(self) -> bool:
        return bool(self.page.evaluate("navigator.maxTouchPoints"))

    def tile(self, number: int) -> Locator:
        return self.page.locator(f"#file-{self.uuids[number]}")

    def mover(self, number: int) -> Locator:
        return self.tile(number).locator(".tile-mover")

    def at(self, number: int, part: float = 0.5) -> tuple[float, float]:
        """A point of a tile at this fraction of its width."""
        box = self.tile(number).bounding_box()
        assert box
        return box["x"] + box["width"] * part, box["y"] + box["height"] / 2

    def says(self, words: str) -> None:
        expect(self.page.locator("[data-arrange-words]")).to_contain_text(words)

    def expect_order(self, *numbers: int) -> None:
        """The page has this order, and the server after a reload."""
        assert self.first == list(numbers)
        expect(self.page.get_by_role("dialog")).to_have_count(0)  # and no lightbox opened
        self.page.goto(self.address)
        assert self.first == list(numbers)


ON_PHONE, ON_LAPTOP = (
    pytest.param((PHONE, WINDOWED), id="phone, windowed"),
    pytest.param((LAPTOP, IN_THE_PAGE), id="laptop, in the page"),
)


@pytest.fixture(params=[ON_PHONE, ON_LAPTOP])
def device(request: pytest.FixtureRequest) -> tuple[dict[str, Any], int]:
    """Ada's phone and laptop, and how many photographs she arranges there."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def context(device: tuple[dict[str, Any], int], new_visitor: NewVisitor, photographer: Photographer) -> BrowserContext:
    """Her browser."""
    context = new_visitor(**device[0])
    context.add_cookies(photographer.cookies)
    return context


@pytest.fixture
def table(
    device: tuple[dict[str, Any], int], context: BrowserContext, photographer: Photographer, server: LiveServer
) -> Table:
    """A collection ordered by date, open for arranging."""
    collection, uuids = big_collection(photographer, server, device[1], days=3)
    table = Table(context.new_page(), f"{photographer.page(collection)}?sort=manual", uuids)
    table.page.goto(table.address)
    if device[1] == WINDOWED:
        expect(table.page.locator(".gallery.windowed")).to_be_visible()
    table.page.get_by_role("button", name="Arrange").click()
    table.page.evaluate(BELOW_THE_BAR)
    return table


def test_the_keyboard_moves_a_photograph_and_the_server_keeps_it(table: Table) -> None:
    table.mover(0).focus()
    table.page.keyboard.press("Space")
    table.says("picked up from position 1 of")
    for place in (2, 3):
        table.page.keyboard.press("ArrowRight")
        table.says(f"position {place} of")
        expect(table.mover(0)).to_be_focused()
    table.page.keyboard.press("Space")
    table.says("Saved: 00000.jpg is at position 3 of")
    expect(table.mover(0)).to_be_focused()
    table.expect_order(1, 2, 0, 3)


def test_keys_move_by_rows_and_to_the_ends(table: Table) -> None:
    table.mover(1).focus()
    last = len(table.uuids)
    table.page.keyboard.press("Enter")
    table.page.keyboard.press("ArrowDown")
    expect(table.mover(1)).to_be_focused()
    assert table.first[:2] == [0, 2]
    table.page.keyboard.press("ArrowUp")
    expect(table.mover(1)).to_be_focused()
    table.page.keyboard.press("End")
    table.says(f"position {last} of {last}")
    expect(table.mover(1)).to_be_focused()
    table.page.keyboard.press("Home")
    expect(table.mover(1)).to_be_focused()
    table.page.keyboard.press("Enter")
    table.says("Saved: 00001.jpg is at position 1 of")
    table.expect_order(1, 0, 2, 3)


def test_escape_and_button_cancel_the_move(table: Table) -> None:
    table.mover(1).focus()
    for key in ("Space", "ArrowRight", "Escape"):
        table.page.keyboard.press(key)
    table.says("is back where it was")
    expect(table.mover(1)).to_be_focused()
    for key in ("Space", "ArrowRight"):
        table.page.keyboard.press(key)
    table.page.get_by_role("button", name="Put back").click()
    expect(table.mover(1)).to_be_focused()
    table.expect_order(0, 1, 2, 3)


def test_photo_is_moved_by_choosing_it_and_then_its_place(table: Table) -> None:
    for number in (2, 0):
        table.mover(number).tap() if table.has_touch else table.mover(number).click()
    table.says("Saved: 00002.jpg is at position 1 of")
    table.expect_order(2, 0, 1, 3)


def test_the_mouse_drags_a_photograph(table: Table) -> None:
    mouse = table.page.mouse
    for source, target, part in ((2, 0, 0.1), (0, 1, 0.9)):
        mouse.move(*table.at(source))
        mouse.down()
        mouse.move(*table.at(source, 0.6), steps=4)
        mouse.move(*table.at(target, part), steps=4)
        expect(table.tile(target)).to_have_attribute("data-drop", "before" if part < 0.5 else "after")
        mouse.up()
        table.says(f"Saved: 0000{source}.jpg is at position")
        expect(table.page.locator(".lifted, [data-drop], .drag-ghost")).to_have_count(0)
    table.expect_order(2, 1, 0, 3)


@pytest.mark.parametrize("device", [ON_PHONE], indirect=True)
def test_touch_drags_after_a_long_press_and_scrolls_otherwise(table: Table) -> None:
    touch = Touch(table.page)
    touch.hold(table.at(2), table.at(0, 0.1), LONG_ENOUGH)
    table.says("Saved: 00002.jpg is at position 1 of")
    assert table.first == [2, 0, 1, 3]
    before = table.page.evaluate("scrollY")
    x, y = table.at(3)
    touch.swipe((x, y), (x, y - 150))
    table.page.wait_for_function("(before) => scrollY > before + 60", arg=before)
    table.expect_order(2, 0, 1, 3)


@pytest.mark.parametrize("device", [ON_PHONE], indirect=True)  # on the laptop all of it is on the screen
def test_a_drag_along_the_edge_scrolls_the_page(table: Table) -> None:
    x, y = table.at(0)
    height = table.page.viewport_size["height"] if table.page.viewport_size else 0
    table.page.mouse.move(x, y)
    table.page.mouse.down()
    table.page.mouse.move(x, height - 5, steps=6)
    table.page.wait_for_function("() => scrollY > 4000")
    expect(table.tile(0)).to_have_count(0)  # it has left the page, and is still in the hand
    table.page.mouse.move(x, height / 2, steps=4)
    expect(table.page.locator("[data-drop]")).to_have_count(1)
    table.page.mouse.up()
    table.says("Saved: 00000.jpg is at position")
    assert table.tile(0).is_visible()
    table.page.goto(table.address)
    assert table.first == [1, 2, 3, 4]


@pytest.mark.parametrize("keys", ["ArrowRight", "End"])
def test_move_that_cannot_be_saved_is_undone(table: Table, context: BrowserContext, keys: str) -> None:
    context.route("**/order", lambda route: route.abort())
    table.mover(0).focus()
    for key in ("Space", keys):
        table.page.keyboard.press(key)
        expect(table.mover(0)).to_be_focused()
    table.page.keyboard.press("Space")
    table.says("00000.jpg couldn’t be moved and is back where it was.")
    table.page.keyboard.press("Home")
    table.page.evaluate("scrollTo(0, 0)")
    expect(table.tile(0)).to_be_attached()
    table.expect_order(0, 1, 2, 3)


def test_done_waits_for_the_server_and_makes_photographs_open_again(table: Table, context: BrowserContext) -> None:
    held: list[Route] = []
    context.route("**/order", lambda route: held.append(route))
    table.mover(0).focus()
    for key in ("Space", "ArrowRight", "Space"):
        table.page.keyboard.press(key)
    table.says("Moving 00000.jpg to position 2 of")
    table.page.get_by_role("button", name="Done").click()
    expect(table.page.get_by_role("button", name="Done")).to_be_visible()
    held[0].continue_()
    expect(table.page.get_by_role("button", name="Arrange", exact=True)).to_be_focused()
    expect(table.page.locator(".tile-mover")).to_have_count(0)
    table.tile(0).locator(".tile-link").click()
    expect(table.page.get_by_role("dialog")).to_be_visible()


def test_custom_order_has_no_day_headings(table: Table) -> None:
    expect(table.page.locator(".day")).to_have_count(0)
    table.page.goto(table.address.replace("manual", "taken"))
    expect(table.page.locator(".day").first).to_be_visible()
    expect(table.page.get_by_role("button", name="Arrange")).to_have_count(0)
    table.page.get_by_role("link", name="Arrange photos").click()
    expect(table.page.get_by_role("button", name="Arrange")).to_be_visible()
    assert table.first == [0, 1, 2, 3]  # as they were taken until now
