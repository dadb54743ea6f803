"""`make bench-browser`: measure loading and scrolling in a visitor's browser; exits with 1 if a target is missed.

    python -m bench.browser --rounds 3 --photographs 500 --long 10000 --patience 30

The baseline is the same pages with originals instead of variants in grid and lightbox.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

from bench.browser import first_screen, hashing, lightbox, scrolling
from bench.browser.album import SHOTS, Album
from bench.browser.sides import Side, Sides
from bench.photos import OUT, drawn
from bench.report import Report
from tests.support.chromium import ARGUMENTS, CHROMIUM
from tests.support.server import LiveServer

SHORT = 100
PARTS = ("first-screen", "lightbox", "scrolling", "hashing")


ORIGINALS = "bench.browser.originals"  # settings of gunicorn under which pages have originals in place of variants


def main() -> int:
    """Run the benchmarks, print tables and save the figures; returns the exit code."""
    given = arguments()
    if CHROMIUM is None:
        sys.exit("Chromium is missing: apt-get install --no-install-recommends chromium")
    start = time.monotonic()
    print("Drawing photographs (once) …", flush=True)
    drawn(SHOTS[: given.drawn])
    report = Report()
    with tempfile.TemporaryDirectory(prefix="proofsheet-browser-") as name, LiveServer(Path(name)) as server:
        server.create_user()
        with (
            LiveServer(Path(name), config=ORIGINALS) as originals,
            sync_playwright() as playwright,
            chromium(playwright) as browser,
        ):
            measure(server, originals, browser, given, report)
        report.numbers |= {"chromium": browser.version, **vars(given)}
    report.print()
    report.save(OUT / "browser.json")
    print(f"\n{'Every target is met' if report.met else 'A TARGET IS MISSED'}; {time.monotonic() - start:.0f} s.")
    return 0 if report.met else 1


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="visits of each kind, for medians")
    parser.add_argument("--photographs", type=int, default=500)
    parser.add_argument("--drawn", type=int, default=len(SHOTS), help="number of different photographs")
    parser.add_argument("--long", type=int, default=10_000, help="photographs in the collection that is scrolled")
    parser.add_argument("--patience", type=float, default=30, help="seconds after which a visitor gives up")
    parser.add_argument("--only", choices=PARTS, action="append", help="run this part only; may be repeated")
    return parser.parse_args()


@contextmanager
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Start the system's Chromium with the options of the tests."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS])
    try:
        yield browser
    finally:
        browser.close()


def measure(
    server: LiveServer, originals: LiveServer, browser: Browser, given: argparse.Namespace, report: Report
) -> None:
    """Run the selected parts in turn."""
    parts = given.only or PARTS
    with server.sign_in() as ada:
        album = Album(server, ada, drawn(SHOTS[: given.drawn]))
        path = f"/collections/{album.collection('Wedding', given.photographs)}"
        sides = Sides(Side("variants", server.url + path), Side("originals", originals.url + path))
        print(f"Measuring (load {os.getloadavg()[0]:.1f}) …\n", flush=True)
        if "first-screen" in parts:
            first_screen.measure(browser, sides, given.rounds, given.patience, report)
        if "lightbox" in parts:
            lightbox.measure(browser, sides, given.rounds, given.patience, report)
        if "scrolling" in parts:
            few, many = (f"{server.url}/collections/{album.collection('Long', n)}" for n in (SHORT, given.long))
            scrolling.measure(browser, few, many, given.long, given.rounds, report)
        if "hashing" in parts:
            hashing.measure(browser, ada, given.rounds, report)


if __name__ == "__main__":
    sys.exit(main())
