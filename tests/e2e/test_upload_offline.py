"""Uploaded photos are shown even if the connection breaks between the receipt and the tile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.e2e.album import big_collection
from tests.e2e.conftest import LAPTOP_ONLY
from tests.e2e.uploading import choose, expect_uploaded, save
from tests.support.photographer import Photographer
from tests.support.pictures import jpeg
from tests.support.server import LiveServer

TILES = "**/tile?*"
LONG = 130
# Nothing is tried again by itself any more, as if each pause were an hour.
NO_PAUSE_ENDS = """() => {
  const real = window.setTimeout
  window.setTimeout = (work, ms, ...more) => real(work, ms >= 1000 ? 3_600_000 : ms, ...more)
}"""


def photographs(folder: Path) -> list[Path]:
    """Three photos."""
    return save(folder, **{f"p{n}": jpeg(900 + n, 600) for n in range(3)})


def failing(times: int) -> tuple[list[str], Callable[[Route], None]]:
    """A handler that aborts the first requests, and the list of their URLs."""
    broken: list[str] = []

    def handle(route: Route) -> None:
        if len(broken) < times:
            broken.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    return broken, handle


def expect_tiles(page: Page, count: int) -> None:
    """Wait until every tile is the server's and no placeholder is left."""
    expect(page.locator("[data-gallery] .gallery-item[data-file-uuid]")).to_have_count(count)
    expect(page.locator(".local-tile")).to_have_count(0)


@LAPTOP_ONLY
def test_tile_whose_request_failed_is_fetched_again(studio: Page, folder: Path) -> None:
    broken, handle = failing(5)
    studio.route(TILES, handle)
    choose(studio, *photographs(folder))
    expect_uploaded(studio, 3, 3)
    expect_tiles(studio, 3)
    assert len(broken) == 5


@LAPTOP_ONLY
def test_uploaded_files_keep_their_placeholders_until_the_network_is_back(studio: Page, folder: Path) -> None:
    studio.route(TILES, lambda route: route.abort())
    choose(studio, *photographs(folder))
    expect_uploaded(studio, 3, 3)
    studio.evaluate(NO_PAUSE_ENDS)
    studio.wait_for_timeout(1200)  # the pauses that had begun before
    expect(studio.locator(".local-tile")).to_have_count(3)
    studio.context.set_offline(True)
    studio.unroute(TILES)
    studio.context.set_offline(False)
    expect_tiles(studio, 3)


def test_long_gallery_shows_uploads_after_failed_layout_requests(
    owner: Page, photographer: Photographer, server: LiveServer, folder: Path
) -> None:
    collection, _ = big_collection(photographer, server, LONG)
    owner.goto(photographer.page(collection))
    expect(owner.locator(".gallery.windowed")).to_be_visible()
    broken, handle = failing(3)
    owner.route("**/layout?*", handle)
    choose(owner, *photographs(folder))
    expect_uploaded(owner, 3, 3)
    expect(owner.locator("[data-photo-count]")).to_have_text(f"{LONG + 3} photos")
    expect(owner.locator(".local-tile")).to_have_count(0)
    assert len(broken) == 3


def test_picture_whose_request_failed_is_loaded_again(
    visitor: Page, photographer: Photographer, collection: str
) -> None:
    photographer.upload(collection, ("one.jpg", jpeg(900, 600)))
    broken, handle = failing(1)
    visitor.route("**/variants/small?*", handle)
    visitor.route("**/thumbnail?*", handle)
    visitor.route("**/preview?*", handle)
    visitor.goto(photographer.page(collection))
    image = visitor.get_by_role("img", name="one.jpg")
    expect(image).not_to_have_js_property("naturalWidth", 0)
    assert len(broken) == 1
