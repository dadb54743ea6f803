"""Chromium and a real server; every page of every test must load without an error in its console."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect

from tests.e2e.devices import LAPTOP, PHONE
from tests.e2e.stage import NAMES
from tests.support.chromium import launch_arguments
from tests.support.photographer import Photographer
from tests.support.pictures import photograph
from tests.support.server import LiveServer

PATIENCE_MS = 20_000  # for what takes less than one second on a machine that does nothing else
expect.set_options(timeout=PATIENCE_MS)

NewVisitor = Callable[..., BrowserContext]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The system's Chromium instead of the one that Playwright would download."""
    return launch_arguments()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with one photographer."""
    with LiveServer(tmp_path_factory.mktemp("server")) as server:
        server.create_user(name="Ada Lovelace")
        yield server
        server.stop()
    assert " ERROR " not in server.log.read_text()


@pytest.fixture(scope="session")
def photographer(server: LiveServer) -> Iterator[Photographer]:
    """Ada, over HTTP."""
    with server.sign_in() as photographer:
        yield photographer


@pytest.fixture
def collection(photographer: Photographer) -> str:
    """A public collection that no other test touches."""
    return photographer.collection()


class BrowserErrors:
    """Console errors, uncaught exceptions and failed requests of a browser; failed navigations do not count."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def listen(self, context: BrowserContext) -> None:
        """Listen to every page of the context."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self.heard.append(f"uncaught: {error.error}"))
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.heard.append(f"{message.type}: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            self.heard.append(f"{response.status} for {response.url}")


@pytest.fixture
def browser_errors() -> Iterator[BrowserErrors]:
    """The errors of all browsers during the test; there must be none."""
    browser_errors = BrowserErrors()
    yield browser_errors
    assert browser_errors.heard == []


@pytest.fixture
def new_visitor(browser: Browser, server: LiveServer, browser_errors: BrowserErrors) -> Iterator[NewVisitor]:
    """Makes new browsers without a session."""
    opened: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        context = browser.new_context(base_url=server.url, reduced_motion="reduce", **options)
        context.set_default_timeout(PATIENCE_MS)
        browser_errors.listen(context)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def visitor(new_visitor: NewVisitor) -> Page:
    """A page of a visitor without an account."""
    return new_visitor().new_page()


@pytest.fixture
def studio_context(new_visitor: NewVisitor, photographer: Photographer) -> BrowserContext:
    """Ada's browser, signed in."""
    context = new_visitor()
    context.add_cookies(photographer.cookies)
    return context


@pytest.fixture
def owner(studio_context: BrowserContext) -> Page:
    """A page of Ada's."""
    return studio_context.new_page()


@pytest.fixture(params=[PHONE, LAPTOP], ids=["phone", "laptop"])
def studio(
    request: pytest.FixtureRequest, new_visitor: NewVisitor, photographer: Photographer, collection: str
) -> Page:
    """Ada's empty collection, on her phone and on her laptop."""
    context = new_visitor(**request.param)
    context.add_cookies(photographer.cookies)
    page = context.new_page()
    page.goto(photographer.page(collection))
    return page


# For what is the same at any width.
LAPTOP_ONLY = pytest.mark.parametrize("studio", [pytest.param(LAPTOP, id="laptop")], indirect=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the files that a test chooses in the browser."""
    path = tmp_path / "chosen"
    path.mkdir()
    return path


@pytest.fixture(scope="session")
def originals() -> dict[str, bytes]:
    """Three photos by name, each stored with another orientation."""
    return {name: photograph(orientation=turn) for name, turn in zip(NAMES, (6, 3, 8), strict=True)}


@pytest.fixture(scope="session")
def gallery(photographer: Photographer, originals: dict[str, bytes]) -> tuple[str, list[str]]:
    """A public collection with these photographs, which the tests only look at: its address, and the uuids."""
    collection = photographer.collection("Three")
    uuids = photographer.upload(collection, *originals.items())
    photographer.wait_for_large(*uuids)
    return photographer.page(collection), uuids


@pytest.fixture
def requested_urls(visitor: Page) -> list[str]:
    """The URLs that the visitor's browser has requested."""
    addresses: list[str] = []
    visitor.on("request", lambda request: addresses.append(request.url))
    return addresses
