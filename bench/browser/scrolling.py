"""Measure a collection of ten thousand photographs: its first page against one of a hundred, frames, and memory."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import requests
from playwright.sync_api import Browser

from bench.browser import first_screen
from bench.browser.memory import MemoryUse, memory_use
from bench.browser.scenes import DESKTOP, Scene
from bench.browser.sides import Timing
from bench.browser.visit import Visit, visit
from bench.report import Report, Target, median, p95, spread

HERE = Scene(DESKTOP)
SERVER_ROUNDS = 15
WHEELS_A_SECOND = 60
TURNED, SPUN = 50, 240  # per wheel event: 3,000 (about three screens) and 14,400 a second
TURNED_SECONDS = 12.0
CHECKPOINTS = (0.1, 0.5, 1.0)
IDLE_SECONDS = 3
LATE_MS = 20  # a frame takes 16.7 ms, plus clock resolution; above 20 ms a frame was dropped
SETTLING_SECONDS = 30
# The limit for memory at the bottom relative to half way, where the page already has its maximum of 600 tiles.
FLAT = 1.25
CONSTANT = 1.5
PLACE = "() => [scrollY, document.documentElement.scrollHeight - innerHeight]"
LAST = "index => !!document.querySelector(`.gallery-item[data-lightbox-index='${index}'] .tile-link img`)"


@dataclass
class ScrollRun:
    """Scrolling from top to bottom: frame times in ms at rest and while scrolling, memory at checkpoints, arrival."""

    idle: list[float] = field(default_factory=list)
    turned: list[float] = field(default_factory=list)
    frames: list[float] = field(default_factory=list)
    memory: dict[str, MemoryUse] = field(default_factory=dict)
    settled_ms: dict[str, float] = field(default_factory=dict)
    seconds: float = 0
    arrived: bool = False


def measure(browser: Browser, few: str, many: str, count: int, rounds: int, report: Report) -> None:
    """Measure the first page of both collections, by URL, then scroll down the long one of `count` photographs."""
    _server(few, many, count, report)
    print("scrolling: the server is measured", flush=True)
    _first_page(browser, few, many, count, rounds, report)
    print("scrolling: the first pages are measured", flush=True)
    with visit(browser, HERE) as visitor:
        visitor.go(many)
        visitor.ask("firstScreen", SETTLING_SECONDS * 1000)
        _report(scroll_down(browser, visitor, count), count, report)


def scroll_down(browser: Browser, visitor: Visit, count: int) -> ScrollRun:
    """Scroll from top to bottom with the wheel, and measure memory at each checkpoint."""
    run = ScrollRun()
    visitor.page.mouse.move(DESKTOP.width / 2, DESKTOP.height / 2)
    visitor.ask("countFrames")
    visitor.page.wait_for_timeout(IDLE_SECONDS * 1000)
    run.idle = visitor.ask("endFrames")
    visitor.ask("countFrames")
    _steps(visitor, TURNED, round(TURNED_SECONDS * WHEELS_A_SECOND))
    run.turned = visitor.ask("endFrames")
    for share in CHECKPOINTS:
        began = time.monotonic()
        visitor.ask("countFrames")
        _wheel(visitor, share)
        run.frames += visitor.ask("endFrames")
        run.seconds += time.monotonic() - began
        stopped = time.monotonic()
        visitor.ask("stillness", SETTLING_SECONDS * 1000)
        run.settled_ms[f"{share:.0%}"] = (time.monotonic() - stopped) * 1000
        run.memory[f"{share:.0%}"] = memory_use(browser, visitor)
        print(f"scrolling: {share:.0%} of the way after {run.seconds:.0f} s", flush=True)
    run.arrived = bool(visitor.page.evaluate(LAST, count - 1))
    return run


def _wheel(visitor: Visit, share: float) -> None:
    """Scroll to this share of the page, at an even pace or as fast as the page can."""
    place, bottom = visitor.page.evaluate(PLACE)
    while place < bottom * share - 1:
        _steps(visitor, min(SPUN, max(1, bottom * share - place)), 10)
        before, (place, bottom) = place, visitor.page.evaluate(PLACE)
        if place == before:
            return  # the page ends some pixels before its reported height


def _steps(visitor: Visit, pixels: float, count: int) -> None:
    due = time.monotonic()
    for _ in range(count):
        visitor.page.mouse.wheel(0, pixels)
        due = max(due + 1 / WHEELS_A_SECOND, time.monotonic())
        time.sleep(max(0, due - time.monotonic()))


def _server(few: str, many: str, count: int, report: Report) -> None:
    """Measure milliseconds to the last byte of the HTML of both pages, in turn."""
    times: dict[str, list[float]] = {few: [], many: []}
    with requests.Session() as session:
        for turn in range(SERVER_ROUNDS + 1):
            for url in times:
                start = time.perf_counter()
                session.get(url, timeout=120).raise_for_status()
                if turn:
                    times[url].append((time.perf_counter() - start) * 1000)
    short, long = median(times[few]), median(times[many])
    report.targets.append(
        Target("server: long collection / short one", long / short, CONSTANT, "x", f"{long:.0f} and {short:.0f} ms")
    )
    report.numbers["server_ms"] = {"100": spread(times[few]), str(count): spread(times[many])}


def _first_page(browser: Browser, few: str, many: str, count: int, rounds: int, report: Report) -> None:
    """Measure LCP of both pages in turn, in a browser on the same machine."""
    screens: dict[str, list[first_screen.FirstScreen]] = {few: [], many: []}
    for _ in range(rounds):
        for url, seen in screens.items():
            seen.append(first_screen.look(browser, url, HERE, SETTLING_SECONDS))
    lcp = {url: median([one.lcp for one in seen]) for url, seen in screens.items()}
    whole = {url: Timing.of([one.last for one in seen], SETTLING_SECONDS) for url, seen in screens.items()}
    report.targets.append(
        Target("LCP: long collection / short one", lcp[many] / lcp[few], CONSTANT, "x",
               f"{lcp[many]:.0f} and {lcp[few]:.0f} ms; all in view {whole[many]} and {whole[few]}")
    )  # fmt: skip
    report.numbers["first_page"] = {
        "100": [vars(one) for one in screens[few]],
        str(count): [vars(one) for one in screens[many]],
    }


def late(frames: list[float]) -> float:
    """The percentage of frames over LATE_MS."""
    return 100 * sum(frame > LATE_MS for frame in frames) / max(1, len(frames))


def _other_frames(run: ScrollRun) -> str:
    return f"at rest {late(run.idle):.1f} %, spun {late(run.frames):.1f} %"


def _report(run: ScrollRun, count: int, report: Report) -> None:
    half, last = run.memory["50%"], run.memory["100%"]
    report.targets += [
        Target("frame while the wheel is spun, median", median(run.frames), LATE_MS, "ms"),
        Target("frame while it is turned, p95", p95(run.turned), LATE_MS, "ms"),
        Target("frames over 20 ms while it is turned", late(run.turned), 5, "%", _other_frames(run)),
        Target("not at the last photograph", not run.arrived, 0, "", wanted="there"),
        Target("heap, bottom / half way", last.heap / half.heap, FLAT, "x"),
        Target("DOM nodes, bottom / half way", last.nodes / half.nodes, FLAT, "x"),
        Target("image memory, bottom / half way", last.images / max(1, half.images), FLAT, "x"),
    ]
    report.comparisons.append(
        f"scrolling    {count:,} photographs in {run.seconds:.0f} s: frames median {median(run.frames):.1f}, "
        f"p95 {p95(run.frames):.1f}, longest {max(run.frames):.0f} ms; at rest {median(run.idle):.1f}, "
        f"p95 {p95(run.idle):.1f} ms"
    )
    for place, now in run.memory.items():
        report.comparisons.append(
            f"memory       {place:>4} down: heap {now.heap / 1e6:6.1f} MB, {now.nodes:>8,} nodes, images "
            f"{now.images / 1e6:6.1f} MB, renderer {now.process / 1e6:6.0f} MB; photographs there after "
            f"{run.settled_ms[place]:.0f} ms"
        )
    report.numbers["scrolling"] = {
        "turned_ms": spread(run.turned), "turned_late_percent": late(run.turned),
        "frames_ms": spread(run.frames), "late_percent": late(run.frames), "seconds": run.seconds,
        "idle_ms": spread(run.idle), "idle_late_percent": late(run.idle),
        "held": {place: vars(now) for place, now in run.memory.items()}, "settled_ms": run.settled_ms,
    }  # fmt: skip
