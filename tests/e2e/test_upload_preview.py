"""A local preview is shown before the upload begins, and replaced by the server's."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import LAPTOP_ONLY
from tests.e2e.pictures import is_upright, shows_corners
from tests.e2e.uploading import Sent, choose, expect_uploaded, save, tile
from tests.support.pictures import photograph


def test_preview_appears_before_a_byte_has_left(studio: Page, folder: Path) -> None:
    held: list[Route] = []
    studio.route("**/uploads/check", lambda route: held.append(route))
    sent = Sent(studio)
    with studio.expect_request("**/uploads/check"):
        choose(studio, *save(folder, portrait=photograph(1200, 1800)))
    local = studio.locator('[data-local-tile="portrait.jpg"]')
    expect(local.locator("canvas")).to_be_visible()
    local.evaluate("tile => tile.scrollIntoView({ block: 'start' })")  # not behind the bar of the uploads
    local.locator("canvas").evaluate("canvas => { canvas.style.opacity = 1 }")
    assert shows_corners(local)
    box = local.bounding_box()
    assert box is not None
    assert box["height"] > box["width"] * 1.4
    assert sent.count == 0

    held[0].continue_()
    expect_uploaded(studio, 1, 1)
    expect(tile(studio, "portrait.jpg").get_by_role("img")).to_be_visible()
    assert is_upright(tile(studio, "portrait.jpg").get_by_role("img"))
    expect(studio.locator("[data-local-tile], canvas")).to_have_count(0)


@LAPTOP_ONLY
def test_file_that_browser_cannot_show_gets_a_plain_tile(studio: Page, folder: Path) -> None:
    studio.route("**/uploads/check", lambda route: None)
    raw = folder / "IMG_0001.HEIC"
    raw.write_bytes(b"\0\0\0\x18ftypheic" + bytes(4000))
    choose(studio, raw)
    expect(studio.locator("[data-local-tile]")).to_have_text("IMG_0001.HEIC")
    expect(studio.locator("[data-local-tile] canvas")).to_have_count(0)


def test_only_previews_near_the_screen_are_drawn(studio: Page, folder: Path) -> None:
    studio.route("**/uploads/check", lambda route: None)
    pictures = {f"p{n:03}": photograph(300, 200 + n, orientation=1, quality=30) for n in range(80)}
    choose(studio, *save(folder, **pictures))
    expect(studio.locator("[data-local-tile]")).to_have_count(80)
    expect(studio.locator("canvas").first).to_be_visible()
    assert studio.locator("canvas").count() < 60
