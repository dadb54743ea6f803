"""Helpers for uploads: files on disk, ways to pass them to the page, and the state that the page shows."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page, Request, expect


def save(folder: Path, **files: bytes) -> list[Path]:
    """Write files named after the keywords, as JPEGs."""
    paths = [folder / f"{name}.jpg" for name in files]
    for path, data in zip(paths, files.values(), strict=True):
        path.write_bytes(data)
    return paths


def choose(page: Page, *paths: Path) -> None:
    """Choose files in the picker."""
    with page.expect_file_chooser() as chooser:
        page.locator("[data-upload-picker]:visible").first.click()
    chooser.value.set_files(paths)


def drop(page: Page, *paths: Path) -> None:
    """Drop files or folders onto the page, with the same events as from a file manager."""
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 400, "data": data})


def slow_down(page: Page, bytes_a_second: int) -> None:
    """Limit the upload speed of the browser; -1 removes the limit."""
    speed = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_a_second}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", speed)


def row(page: Page, name: str) -> Locator:
    """The row of a file in the panel."""
    return page.locator(".upload-row").filter(has_text=name)


def tile(page: Page, name: str) -> Locator:
    """The server's tile of a file."""
    return page.locator(f'.gallery-item[data-file-name="{name}"]')


def expect_uploaded(page: Page, uploaded: int, total: int, *, seconds: float = 30) -> None:
    """Wait until the panel shows these numbers and no upload is unfinished."""
    words = f"{uploaded} of {total} uploaded"
    expect(page.locator("[data-upload-summary]")).to_have_text(words, timeout=seconds * 1000)


def unfold(page: Page) -> None:
    """Open the list of files, unless it is open."""
    button = page.get_by_role("button", name="List of files")
    if button.get_attribute("aria-expanded") == "false":
        button.click()


class Sent:
    """The requests of a page that carry bytes of files."""

    def __init__(self, page: Page) -> None:
        self._requests: list[Request] = []
        page.on("request", self._hear)

    @property
    def count(self) -> int:
        """How many requests there were."""
        return len(self._requests)

    @property
    def bytes(self) -> int:
        """The total size of their bodies; the announced length if a body was cut short."""
        return sum(int(request.all_headers().get("content-length", 0)) for request in self._requests)

    def _hear(self, request: Request) -> None:
        whole = request.method == "POST" and request.url.endswith("/upload")
        if whole or request.method in ("PATCH", "PUT"):
            self._requests.append(request)
