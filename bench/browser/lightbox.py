"""Measure the lightbox: open the tenth photograph after five seconds on the page, then go to the next by arrow key."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser

from bench.browser.first_screen import COMPARED
from bench.browser.scenes import Scene
from bench.browser.sides import Sides, Timing, table
from bench.browser.visit import Visit, visit
from bench.report import Report, Target

TENTH = 9  # data-lightbox-index
LOOKING_SECONDS = 5.0
NEXT_AFTER_SECONDS = 2.0
# 100 ms feel immediate (RAIL), plus two frames of a phone that is four times slower.
PLACEHOLDER_MS = 150
UUID = "index => document.querySelector(`.gallery-item[data-lightbox-index='${index}']`)?.dataset.fileUuid"


@dataclass(frozen=True)
class Slide:
    """Milliseconds from the click or key to placeholder and sharp image (None: not in time); bytes until sharp."""

    placeholder: float | None
    sharp: float | None
    bytes: int


NEVER = Slide(None, None, 0)


def measure(browser: Browser, sides: Sides, rounds: int, patience: float, report: Report) -> None:
    """Visit both sides in turn in each scene."""
    seen: dict[tuple[str, str], list[tuple[Slide, Slide]]] = {}
    for turn in range(rounds):
        for scene in COMPARED:
            for side in sides.in_turn(turn):
                seen.setdefault((scene.name, side.name), []).append(look(browser, side.url, scene, patience))
        print(f"lightbox, round {turn + 1} of {rounds}", flush=True)
    for (scene_name, side_name), slides in seen.items():
        _report(report, scene_name, side_name, slides, patience)


def look(browser: Browser, url: str, scene: Scene, patience: float) -> tuple[Slide, Slide]:
    """Open the tenth photograph and then the next one; returns the times of both."""
    with visit(browser, scene) as visitor:
        began = time.monotonic()
        visitor.go(url)
        tile = visitor.page.locator(f".gallery-item[data-lightbox-index='{TENTH}'] .tile-link")
        tile.scroll_into_view_if_needed(timeout=patience * 1000)
        visitor.page.wait_for_timeout(max(0, LOOKING_SECONDS - (time.monotonic() - began)) * 1000)
        tenth, eleventh = (visitor.page.evaluate(UUID, index) for index in (TENTH, TENTH + 1))
        click = tile.tap if scene.device.mobile else tile.click
        opened = _slide(visitor, tenth, patience, click)
        if opened.sharp is None:
            return opened, NEVER
        visitor.page.wait_for_timeout(NEXT_AFTER_SECONDS * 1000)
        return opened, _slide(visitor, eleventh, patience, lambda: visitor.page.keyboard.press("ArrowRight"))


def _slide(visitor: Visit, uuid: str, patience: float, act: Any) -> Slide:
    visitor.ask("watchSlide", uuid, patience * 1000)
    before = visitor.traffic.bytes
    act()
    seen = visitor.page.evaluate("() => bench.slide")
    return Slide(seen["placeholder"], seen["sharp"], visitor.traffic.bytes - before)


def _report(report: Report, scene: str, side: str, slides: list[tuple[Slide, Slide]], patience: float) -> None:
    placeholder = Timing.of([opened.placeholder for opened, _ in slides], patience)
    sharp = Timing.of([opened.sharp for opened, _ in slides], patience)
    after = Timing.of([following.sharp for _, following in slides], patience)
    weight = sorted(opened.bytes for opened, _ in slides)[len(slides) // 2] / 1e6
    table(report, "lightbox", scene, side, {
        "placeholder": str(placeholder), "sharp": str(sharp), "MB": f"{weight:.2f}", "next sharp": str(after),
    })  # fmt: skip
    report.numbers.setdefault("lightbox", {}).setdefault(scene, {})[side] = [
        {"opened": vars(opened), "next": vars(following)} for opened, following in slides
    ]
    if side == "variants":
        report.targets.append(
            Target(f"lightbox placeholder, {scene}", placeholder.milliseconds or patience * 1000, PLACEHOLDER_MS, "ms")
        )
