"""Truncated photos: the existing part is shown, with a message to the photographer about the missing part."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.support.photographer import Photographer
from tests.support.pictures import photograph

WORDS = "Damaged: the lower"


def test_tile_and_info_panel_show_what_is_missing_of_a_damaged_photo(
    owner: Page, visitor: Page, photographer: Photographer, collection: str
) -> None:
    body = photograph(900, 600, orientation=1)
    photographer.upload(collection, ("whole.jpg", body[:-2]), ("cut.jpg", body[: len(body) * 3 // 4]))
    owner.goto(photographer.page(collection))
    tile = owner.locator(".gallery-item[data-file-name='cut.jpg']")
    expect(tile.get_by_text(WORDS)).to_be_visible()
    expect(owner.get_by_text(WORDS)).to_have_count(1)
    tile.locator("a.tile-link").click()
    expect(owner.get_by_role("dialog").locator(".pswp__counter")).to_have_text("1 of 2")
    owner.keyboard.press("i")
    expect(owner.get_by_role("region", name="Information")).to_contain_text(WORDS)
    visitor.goto(photographer.page(collection))
    expect(visitor.locator(".gallery-item img")).to_have_count(2)
    expect(visitor.get_by_text(WORDS)).to_have_count(0)
