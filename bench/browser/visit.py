"""Visit a page in a new browser context with an emulated device and connection, and count its traffic."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

from bench.browser.scenes import Scene

WATCH = Path(__file__).with_name("watch.js")
NAVIGATION_SECONDS = 120


@dataclass
class Traffic:
    """Bytes received by request, as counted by Chromium, with headers and unfinished responses."""

    received: dict[str, float] = field(default_factory=dict)

    def listen(self, devtools: CDPSession) -> None:
        """Start counting."""
        devtools.on("Network.requestWillBeSent", self._sent)
        devtools.on("Network.responseReceived", self._answered)
        devtools.on("Network.dataReceived", self._more)
        devtools.on("Network.loadingFinished", self._finished)
        devtools.send("Network.enable")

    @property
    def bytes(self) -> int:
        """Bytes received so far."""
        return round(sum(self.received.values()))

    @property
    def requests(self) -> int:
        """Requests sent so far, without data URLs."""
        return len(self.received)

    def _sent(self, event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            self.received.setdefault(event["requestId"], 0)

    def _answered(self, event: dict[str, Any]) -> None:
        self._add(event["requestId"], event["response"].get("encodedDataLength", 0))

    def _more(self, event: dict[str, Any]) -> None:
        self._add(event["requestId"], event["encodedDataLength"])

    def _finished(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.received:
            self.received[event["requestId"]] = event["encodedDataLength"]

    def _add(self, request: str, count: float) -> None:
        if request in self.received:
            self.received[request] += max(0, count)


@dataclass(frozen=True)
class Visit:
    """An open page, its DevTools session and its traffic."""

    page: Page
    devtools: CDPSession
    traffic: Traffic

    def go(self, url: str) -> None:
        """Open a URL; returns as soon as the document exists."""
        self.page.goto(url, wait_until="commit", timeout=NAVIGATION_SECONDS * 1000)

    def ask(self, call: str, *arguments: Any) -> Any:
        """Call a function of watch.js; returns its result."""
        return self.page.evaluate(f"(given) => bench.{call}(...given)", list(arguments))


@contextmanager
def visit(browser: Browser, scene: Scene) -> Iterator[Visit]:
    """Open a browser context with an empty cache for the block."""
    context = browser.new_context(**scene.device.options)
    try:
        context.add_init_script(path=WATCH)
        page = context.new_page()
        devtools, traffic = context.new_cdp_session(page), Traffic()
        traffic.listen(devtools)
        if scene.network:
            devtools.send("Network.emulateNetworkConditions", scene.network.conditions)
        if scene.device.slowdown > 1:
            devtools.send("Emulation.setCPUThrottlingRate", {"rate": scene.device.slowdown})
        yield Visit(page, devtools, traffic)
    finally:
        context.close()
