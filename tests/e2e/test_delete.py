"""Deletion in the browser: confirmation, undo and restore from the bin, with and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewVisitor
from tests.support.photographer import Photographer
from tests.support.pictures import jpeg


@pytest.fixture
def pictures(photographer: Photographer, collection: str) -> str:
    """The collection with three pictures and a text."""
    files = [(f"{n}.jpg", jpeg(900 + n, 600, (40 * n, 90, 160))) for n in (1, 2, 3)]
    photographer.upload(collection, *files, ("notes.txt", b"hello"))
    return collection


def test_keyboard_deletes_a_photo_and_restores_it(owner: Page, photographer: Photographer, pictures: str) -> None:
    owner.goto(photographer.page(pictures))
    owner.get_by_role("link", name="Delete 2.jpg").focus()
    owner.keyboard.press("Enter")
    dialog = owner.get_by_role("dialog", name="Delete “2.jpg”?")
    expect(dialog).to_contain_text("restore it from the bin for 30 days")
    owner.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    owner.keyboard.press("Enter")
    dialog.get_by_role("button", name="Delete").click()
    expect(owner.get_by_text("“2.jpg” is in the bin.")).to_be_visible()
    expect(owner.locator("[data-photo-count]")).to_have_text("2 photos")
    expect(owner.locator(".gallery-item[data-kind=image]")).to_have_count(2)
    assert photographer.status(pictures)["counts"]["total"] == 3
    owner.get_by_role("button", name="Undo").click()
    expect(owner.locator(".gallery-item[data-kind=image]").nth(1)).to_have_attribute("data-file-name", "2.jpg")
    expect(owner.get_by_text("3 photos")).to_be_visible()
    assert photographer.status(pictures)["counts"]["total"] == 4


def test_touch_deletes_other_files_too(new_visitor: NewVisitor, photographer: Photographer, pictures: str) -> None:
    context = new_visitor(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    context.add_cookies(photographer.cookies)
    page = context.new_page()
    page.goto(photographer.page(pictures))
    for name in ("1.jpg", "notes.txt"):
        button = page.get_by_role("link", name=f"Delete {name}")
        box = button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 36
        button.tap()
        page.get_by_role("dialog").get_by_role("button", name="Delete").tap()
        expect(page.get_by_text(f"“{name}” is in the bin.")).to_be_visible()
    assert photographer.status(pictures)["counts"]["total"] == 2


def test_collection_is_deleted_and_restored_from_the_bin(
    owner: Page, visitor: Page, photographer: Photographer, pictures: str
) -> None:
    owner.goto(f"{photographer.page(pictures)}/edit")
    owner.get_by_role("link", name="Delete collection…").click()
    owner.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(owner.get_by_role("status").first).to_contain_text("is in the bin until")
    visitor.goto(photographer.page(pictures))
    expect(visitor.get_by_role("heading", name="We can’t find this page")).to_be_visible()
    owner.get_by_role("link", name="Bin").first.click()
    row = owner.get_by_role("listitem").filter(has_text="4 files").first
    row.get_by_role("button", name="Restore").click()
    expect(owner.get_by_text("3 photos")).to_be_visible()


def test_permanent_deletion_works_without_javascript(
    new_visitor: NewVisitor, photographer: Photographer, pictures: str
) -> None:
    context = new_visitor(java_script_enabled=False)
    context.add_cookies(photographer.cookies)
    page = context.new_page()
    page.goto(photographer.page(pictures))
    page.locator(".gallery-item").first.hover()
    page.get_by_role("link", name="Delete 1.jpg").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status").first).to_contain_text("“1.jpg” is in the bin until")
    page.goto("/collections/bin")
    row = page.get_by_role("listitem").filter(has_text="1.jpg").first
    row.get_by_role("link", name="Delete permanently").click()
    expect(page.get_by_text("This can’t be undone.")).to_be_visible()
    page.get_by_role("button", name="Delete permanently").click()
    expect(page.get_by_role("status").first).to_contain_text("Deleting permanently…")
