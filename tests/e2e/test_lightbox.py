"""The lightbox: previews first, the original only when asked, by keyboard, by link and by button."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.pictures import is_upright, shows_corners
from tests.e2e.stage import NAMES, opened, shown
from tests.support.photographer import Photographer
from tests.support.pictures import photograph


def test_lightbox_opens_preview_and_fetches_original_only_on_request(
    visitor: Page, gallery: tuple[str, list[str]], requested_urls: list[str]
) -> None:
    visitor.goto(gallery[0])
    visitor.get_by_role("img", name=NAMES[0]).click()
    picture = shown(opened(visitor, 1))
    expect(picture).to_have_attribute("src", re.compile(f"/{gallery[1][0]}/preview"))
    assert is_upright(picture)
    visitor.wait_for_load_state("networkidle")  # the neighbours' previews
    assert any(f"/{gallery[1][1]}/preview" in address for address in requested_urls)
    assert not [address for address in requested_urls if "/original" in address]

    visitor.get_by_role("button", name=re.compile("View original")).click()
    expect(visitor.get_by_role("dialog")).to_contain_text("Original, 2000 × 3000")
    expect(picture).to_have_attribute("src", re.compile("/original"))
    assert is_upright(picture)
    originals = [address for address in requested_urls if "/original" in address]
    assert [address.split("?")[0].rsplit("/", 2)[1] for address in originals] == [gallery[1][0]]


def test_arrow_keys_change_the_photo_and_escape_returns_to_the_tile(
    visitor: Page, gallery: tuple[str, list[str]]
) -> None:
    visitor.goto(gallery[0])
    visitor.get_by_role("link", name=NAMES[0]).focus()
    visitor.keyboard.press("Enter")
    opened(visitor, 1)
    visitor.keyboard.press("ArrowRight")
    opened(visitor, 2)
    visitor.keyboard.press("ArrowRight")
    opened(visitor, 3)
    visitor.keyboard.press("ArrowLeft")
    opened(visitor, 2)
    visitor.keyboard.press("Escape")
    expect(visitor.get_by_role("dialog")).to_have_count(0)
    expect(visitor).to_have_url(gallery[0])
    tile = visitor.get_by_role("link", name=NAMES[1])
    expect(tile).to_be_focused()
    assert shows_corners(tile)  # and not its ring alone


def test_url_of_a_photo_opens_lightbox_and_back_closes_it(visitor: Page, gallery: tuple[str, list[str]]) -> None:
    visitor.goto(f"{gallery[0]}#photo={gallery[1][1]}")
    assert is_upright(shown(opened(visitor, 2)))
    visitor.keyboard.press("ArrowRight")
    opened(visitor, 3)
    expect(visitor).to_have_url(f"{gallery[0]}#photo={gallery[1][2]}")
    visitor.go_back()
    expect(visitor.get_by_role("dialog")).to_have_count(0)
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Three")


def test_the_downloads_equal_the_uploads(
    visitor: Page, gallery: tuple[str, list[str]], originals: dict[str, bytes]
) -> None:
    visitor.goto(f"{gallery[0]}#photo={gallery[1][0]}")
    for number, name in enumerate(NAMES, start=1):
        box = opened(visitor, number)
        with visitor.expect_download() as download:
            box.get_by_role("link", name=f"Download original of {name}").click()
        assert download.value.suggested_filename == name
        assert download.value.path().read_bytes() == originals[name]
        visitor.keyboard.press("ArrowRight")


def test_disabled_downloads_hide_every_link_to_the_original(visitor: Page, photographer: Photographer) -> None:
    collection = photographer.collection("Look only", downloads_allowed="")
    [uuid] = photographer.upload(collection, (NAMES[0], photograph(orientation=5)))
    visitor.goto(photographer.page(collection))
    visitor.get_by_role("img", name=NAMES[0]).click()
    box = visitor.get_by_role("dialog")
    assert is_upright(shown(box))
    expect(box.get_by_role("link", name=re.compile("Download"))).to_have_count(0)
    expect(box.get_by_role("button", name=re.compile("View original"))).to_be_hidden()
    assert visitor.request.get(f"/collections/files/{uuid}/original").status == 403
