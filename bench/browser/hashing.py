"""Measure how fast the upload page hashes: from choosing a file to its request to `uploads/check`."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Request, Route

from bench.report import Report, median
from tests.support.photographer import Photographer

MEGABYTES = 128
PATIENCE_SECONDS = 60


def measure(browser: Browser, ada: Photographer, rounds: int, report: Report) -> None:
    """Hash different files of one size, one at a time, and compare with Python; reports if the page sends no check."""
    rates, python_rates = [], []
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        path = Path(file.name)
        for _ in range(rounds):
            path.write_bytes(os.urandom(MEGABYTES * 10**6))
            seconds = _seconds_to_check(browser, ada, path)
            if seconds is None:
                report.comparisons.append("hashing      the page sends no check before the upload: not measured")
                return
            rates.append(MEGABYTES / seconds)
            start = time.perf_counter()
            with path.open("rb") as stream:
                hashlib.file_digest(stream, "sha256")
            python_rates.append(MEGABYTES / (time.perf_counter() - start))
    report.comparisons.append(
        f"hashing      {median(rates):.0f} MB/s in the browser's worker, from choosing {MEGABYTES} MB to the check; "
        f"Python {median(python_rates):.0f} MB/s"
    )
    report.numbers["hashing_mb_per_second"] = {"browser": rates, "python": python_rates}


def _seconds_to_check(browser: Browser, ada: Photographer, path: Path) -> float | None:
    """Seconds from choosing the file to `uploads/check`; None if an upload comes first. All requests are aborted."""
    context = browser.new_context(base_url=ada.url)
    try:
        return _choose(context, ada, path)
    finally:
        context.close()


def _choose(context: BrowserContext, ada: Photographer, path: Path) -> float | None:
    context.add_cookies([{"name": c.name, "value": c.value or "", "url": ada.url} for c in ada.http.cookies])
    asked: list[tuple[float, str]] = []

    def note(route: Route, request: Request) -> None:
        asked.append((time.monotonic(), request.url))
        route.abort()

    page = context.new_page()
    page.route(lambda url: url.endswith(("/upload", "/uploads", "/uploads/check")), note)
    page.goto(f"/collections/{ada.collection('Hashing')}")
    start = time.monotonic()
    page.locator("input[type=file]").first.set_input_files(path)
    while not asked and time.monotonic() - start < PATIENCE_SECONDS:
        page.wait_for_timeout(5)
    return asked[0][0] - start if asked and asked[0][1].endswith("/check") else None
