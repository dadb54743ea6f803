"""The lightbox in tests: what it shows, and touches on it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence

from playwright.sync_api import Locator, Page, expect

NAMES = ("01 Hall.jpg", "02 Прогулка в саду.jpg", "03 Dance.jpg")

PATIENCE_SECONDS = 15

Point = tuple[float, float]


def opened(page: Page, number: int) -> Locator:
    """The lightbox, once it shows photograph `number` of NAMES."""
    box = page.get_by_role("dialog")
    expect(box.locator(".lightbox-name")).to_have_text(NAMES[number - 1])
    expect(box.locator(".pswp__counter")).to_have_text(f"{number} of {len(NAMES)}")
    return box


def ready(page: Page, number: int) -> Locator:
    """The lightbox, once its animation has ended and it reacts to touches."""
    box = opened(page, number)
    expect(page.locator(".pswp--ui-visible")).to_be_visible()
    expect(shown(box)).to_have_js_property("complete", True)
    return box


def shown(box: Locator) -> Locator:
    """The picture in the middle, not its placeholder nor its neighbours."""
    return box.locator('.pswp__item[aria-hidden="false"] img.pswp__img:not(.pswp__img--placeholder)')


def shows(box: Locator, rendition: str) -> None:
    """Wait until the picture in the middle is this rendition: 'preview', 'large' or 'original'."""
    expect(shown(box)).to_have_attribute("src", re.compile(f"/{rendition}(\\?|$)"))


def width_of(box: Locator) -> float:
    """The width of the picture on the screen, in CSS pixels."""
    return float(shown(box).evaluate("image => image.getBoundingClientRect().width"))


def grows_to(box: Locator, width: float) -> None:
    """Wait until the picture has about this width on the screen, in CSS pixels."""
    _grown(box, lambda now: abs(now / width - 1) < 0.15)


def grows_beyond(box: Locator, width: float) -> float:
    """Wait until the picture is wider than this on the screen; returns its width in CSS pixels."""
    return _grown(box, lambda now: now > width)


def _grown(box: Locator, enough: Callable[[float], bool]) -> float:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not enough(now := width_of(box)):  # each time of the picture that is there: another may take its place
        assert time.monotonic() < deadline, f"It is {now} wide"
        box.page.wait_for_timeout(30)
    return now


TAP = """([clientX, clientY, times]) => {
  const element = document.elementFromPoint(clientX, clientY)
  const place = { clientX, clientY, bubbles: true, cancelable: true }
  const finger = { ...place, pointerId: 7, pointerType: "touch", isPrimary: true }
  for (let time = 0; time < times; time++) {
    element.dispatchEvent(new PointerEvent("pointerdown", { ...finger, buttons: 1 }))
    element.dispatchEvent(new PointerEvent("pointerup", finger))
  }
}"""


class Touch:
    """Touches as the browser gets them from a screen."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._session = page.context.new_cdp_session(page)

    def swipe(self, start: Point, end: Point) -> None:
        """Swipe fast with one finger between two points."""
        self._move([start], [end])

    def hold(self, start: Point, end: Point, milliseconds: int) -> None:
        """Press with one finger for some time, then move it to another point."""
        self._move([start], [end], rest=milliseconds)

    def pinch(self, centre: Point, apart: tuple[float, float]) -> None:
        """Pinch with two fingers around a point, from the first distance to the last."""
        x, y = centre
        first, last = ([(x - away, y), (x + away, y)] for away in apart)
        self._move(first, last)

    def tap(self, point: Point, times: int = 1) -> None:
        """Tap repeatedly within one call, so that a busy machine cannot delay the second tap."""
        self._page.evaluate(TAP, [*point, times])

    def _move(self, starts: Sequence[Point], ends: Sequence[Point], steps: int = 8, rest: int = 0) -> None:
        self._send("touchStart", starts)
        self._page.wait_for_timeout(rest)
        for step in range(1, steps + 1):
            pairs = zip(starts, ends, strict=True)
            self._send(
                "touchMove", [(a + (c - a) * step / steps, b + (d - b) * step / steps) for (a, b), (c, d) in pairs]
            )
            self._page.evaluate("new Promise(requestAnimationFrame).then(() => {})")  # as a screen would report it
        self._send("touchEnd", [])

    def _send(self, kind: str, points: Sequence[Point]) -> None:
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
