"""The header of a collection updates without a reload: after uploads, failures and deletions, in every tab."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.uploading import choose, expect_uploaded, save
from tests.support.photographer import Photographer
from tests.support.pictures import jpeg

BROKEN = jpeg(900, 600, (9, 9, 9))[:400]


def two(folder: Path) -> list[Path]:
    """Two photographs to choose."""
    return save(folder, one=jpeg(900, 600), two=jpeg(600, 900))


def look_again(page: Page) -> None:
    """Let the page poll twice, because the first response may be older than the change."""
    for _ in range(2):
        with page.expect_response("**/status?since=*"):
            page.clock.fast_forward(21_000)


def delete(page: Page, *names: str) -> None:
    """Delete files, confirming each."""
    for name in names:
        page.get_by_role("link", name=f"Delete {name}").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(page.get_by_text(f"“{name}” is in the bin.")).to_be_visible()


def expect_head(page: Page, *, photographs: str, order: bool, failed: str = "") -> None:
    """Wait until the header shows these texts."""
    expect(page.locator("[data-photo-count]")).to_have_text(photographs)
    expect(page.get_by_role("navigation", name="Order")).to_have_count(int(order))
    expect(page.locator("[data-failed-count]")).to_have_count(int(bool(failed)))
    if failed:
        expect(page.locator("[data-failed-count]")).to_contain_text(failed)


@pytest.fixture
def first(owner: Page, photographer: Photographer, collection: str) -> Page:
    """Ada looks at her empty collection; a reload would lose the mark."""
    owner.goto(photographer.page(collection))
    owner.evaluate("window.mark = 'never reloaded'")
    return owner


@pytest.fixture
def second(first: Page, photographer: Photographer, collection: str) -> Page:
    """The same collection in another tab, with a clock that the test controls."""
    page = first.context.new_page()
    page.clock.install()
    page.goto(photographer.page(collection))
    return page


def test_head_follows_uploads_failures_and_deletions(first: Page, folder: Path) -> None:
    choose(first, *two(folder), *save(folder, broken=BROKEN))
    expect_head(first, photographs="2 photos", order=True, failed="1 photo has no preview")
    expect(first.locator("[data-failed-count]").get_by_role("link", name="broken.jpg")).to_be_visible()
    expect(first.get_by_role("link", name="Arrange photos")).to_be_visible()
    expect(first.get_by_role("button", name="Add a folder")).to_be_visible()
    expect(first.get_by_role("heading", name="Add the first photos")).to_be_hidden()

    delete(first, "broken.jpg", "two.jpg")
    expect_head(first, photographs="1 photo", order=False)
    delete(first, "one.jpg")
    expect(first.locator("[data-photo-count]")).to_be_hidden()
    expect(first.get_by_role("heading", name="Add the first photos")).to_be_visible()
    expect(first.get_by_role("button", name="Add a folder")).to_be_hidden()
    first.get_by_role("button", name="Undo").click()
    expect_head(first, photographs="1 photo", order=False)
    expect(first.get_by_role("heading", name="Add the first photos")).to_be_hidden()
    assert first.evaluate("window.mark") == "never reloaded"


def test_first_photos_of_a_custom_order_can_be_arranged_immediately(
    owner: Page, photographer: Photographer, folder: Path
) -> None:
    owner.goto(photographer.page(photographer.collection(sort_order="manual")))
    choose(owner, *two(folder))
    owner.get_by_role("button", name="Arrange").click()
    expect(owner.locator(".arranging .tile-mover")).to_have_count(2)
    owner.get_by_role("button", name="Done").click()
    expect(owner.get_by_role("button", name="Arrange")).to_be_focused()


def test_other_tab_updates(
    first: Page, second: Page, photographer: Photographer, collection: str, folder: Path
) -> None:
    choose(first, *two(folder))
    expect_uploaded(first, 2, 2)
    look_again(second)
    expect_head(second, photographs="2 photos", order=True)
    expect(second.get_by_role("heading", name="Add the first photos")).to_be_hidden()
    expect(second.locator(".gallery-item[data-file-uuid]")).to_have_count(2)

    delete(first, "two.jpg")
    look_again(second)
    expect_head(second, photographs="1 photo", order=False)
    expect(second.locator(".gallery-item[data-file-uuid]")).to_have_count(1)
    first.get_by_role("button", name="Undo").click()
    expect_head(first, photographs="2 photos", order=True)
    look_again(second)
    expect_head(second, photographs="2 photos", order=True)
    expect(second.locator(".gallery-item[data-file-uuid]")).to_have_count(2)


def test_visitor_of_an_empty_collection_sees_the_photographs_come(
    visitor: Page, photographer: Photographer, collection: str
) -> None:
    visitor.clock.install()
    visitor.goto(photographer.page(collection))
    waiting = visitor.get_by_role("heading", name="No photos yet")
    expect(waiting).to_be_visible()
    photographer.upload(collection, ("one.jpg", jpeg(900, 600)), ("two.jpg", jpeg(600, 900)))
    look_again(visitor)
    expect_head(visitor, photographs="2 photos", order=True)
    expect(waiting).to_have_count(0)
    expect(visitor.get_by_role("img")).to_have_count(2)


def test_tile_is_shown_though_its_photo_was_ready_before_the_first_status(
    visitor: Page, gallery: tuple[str, list[str]]
) -> None:
    visitor.goto(gallery[0])
    tile = visitor.locator(".gallery-item").first
    tile.evaluate("tile => { tile.dataset.status = 'pending'; tile.querySelector('.tile-link').remove() }")
    visitor.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(tile.locator(".tile-link img")).to_have_count(1)
