"""Measure the first screen of a collection: time until photographs are painted, bytes, and layout shifts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser

from bench.browser.scenes import DENSE, DESKTOP, FAST_4G, PHONE, SLOW_4G, Scene
from bench.browser.sides import Sides, Timing, table
from bench.browser.visit import visit
from bench.report import Report, Target, median

COMPARED = (Scene(PHONE, SLOW_4G), Scene(DESKTOP, FAST_4G))
OURS_ALONE = (Scene(PHONE, FAST_4G), Scene(DENSE, FAST_4G))
LCP_MS = 2500  # "good" by web.dev/articles/lcp


@dataclass(frozen=True)
class FirstScreen:
    """First and last photo in view and LCP, in ms since navigation (None: too late); bytes and requests until then."""

    first: float | None
    last: float | None
    lcp: float
    cls: float
    photos: int | None
    bytes: int
    requests: int


def measure(browser: Browser, sides: Sides, rounds: int, patience: float, report: Report) -> None:
    """Visit all scenes in turn, in COMPARED also the baseline."""
    seen: dict[tuple[str, str], list[FirstScreen]] = {}
    for turn in range(rounds):
        for scene in (*COMPARED, *OURS_ALONE):
            for side in sides.in_turn(turn) if scene in COMPARED else [sides.ours]:
                one = look(browser, side.url, scene, patience)
                seen.setdefault((scene.name, side.name), []).append(one)
        print(f"first screens, round {turn + 1} of {rounds}", flush=True)
    for (scene_name, side_name), screens in seen.items():
        _report(report, scene_name, side_name, screens, patience)


def look(browser: Browser, url: str, scene: Scene, patience: float) -> FirstScreen:
    """Visit a page until all photos in view are painted, or for `patience` seconds."""
    with visit(browser, scene) as visitor:
        visitor.go(url)
        found: dict[str, Any] = visitor.ask("firstScreen", patience * 1000)
        return FirstScreen(
            **{name: found[name] for name in ("first", "last", "lcp", "cls", "photos")},
            bytes=visitor.traffic.bytes,
            requests=visitor.traffic.requests,
        )


def _report(report: Report, scene: str, side: str, screens: list[FirstScreen], patience: float) -> None:
    first, last = (Timing.of([getattr(one, name) for one in screens], patience) for name in ("first", "last"))
    lcp, cls = median([one.lcp for one in screens]), max(one.cls for one in screens)
    megabytes, requests = median([one.bytes for one in screens]) / 1e6, median([one.requests for one in screens])
    table(report, "first screen", scene, side, {
        "first photo": str(first), "all in view": str(last), "LCP": f"{lcp / 1000:.2f} s",
        "CLS": f"{cls:.3f}", "MB": f"{megabytes:.2f}", "requests": f"{requests:.0f}",
    })  # fmt: skip
    report.numbers.setdefault("first_screen", {}).setdefault(scene, {})[side] = [vars(one) for one in screens]
    if side == "variants":
        unpainted = sum(one.last is None for one in screens)
        report.targets += [
            Target(f"LCP, {scene}", lcp, LCP_MS, "ms"),
            Target(f"CLS, {scene}", cls, 0, "", "the highest", wanted="0"),
            Target(f"screens never complete, {scene}", unpainted, 0, "", f"of {len(screens)}", wanted="none"),
        ]
