"""Sharing: the picture as a file if the share sheet takes files, else its URL, else the clipboard."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewVisitor
from tests.e2e.devices import DENSE_PHONE
from tests.e2e.stage import ready, shows
from tests.support.photographer import Photographer

SHEET = """
window.shared = []
window.errors = ERRORS
navigator.canShare = ({ files }) => !files || TAKES_FILES
navigator.share = async (what) => {
  const error = window.errors.shift()
  if (error) throw new DOMException("", error)
  const files = (what.files ?? []).map(({ name, type, size }) => ({ name, type, size }))
  window.shared.push({ ...what, files })
  document.title = "shared"
}
"""
NO_SHEET = "delete Navigator.prototype.share; delete Navigator.prototype.canShare"


def phone(
    new_visitor: NewVisitor, gallery: tuple[str, list[str]], *, files: bool = True, errors: tuple[str, ...] = ()
) -> tuple[Page, list[str]]:
    """A phone with a share sheet that shows the second photo, and the URLs that it requests."""
    page = new_visitor(**DENSE_PHONE).new_page()
    page.add_init_script(SHEET.replace("TAKES_FILES", json.dumps(files)).replace("ERRORS", json.dumps([*errors])))
    requested_urls: list[str] = []
    page.on("request", lambda request: requested_urls.append(request.url))
    page.goto(f"{gallery[0]}#photo={gallery[1][1]}")
    ready(page, 2)
    return page, requested_urls


def shared(page: Page) -> dict[str, Any]:
    """Wait for the data passed to the share sheet and return them."""
    expect(page).to_have_title("shared")
    return dict(page.evaluate("window.shared[0]"))


def test_share_sheet_gets_the_preview_file_and_never_the_original(
    new_visitor: NewVisitor, gallery: tuple[str, list[str]]
) -> None:
    page, requested_urls = phone(new_visitor, gallery)
    page.get_by_role("button", name="Share").tap()
    [file] = shared(page)["files"]
    assert file["name"] == "02 Прогулка в саду.jpg"
    assert file["type"] == "image/jpeg"
    assert 10_000 < file["size"] < 2_000_000
    assert not [url for url in requested_urls if "/original" in url]


def test_share_sends_a_variant_even_while_the_original_is_shown(
    new_visitor: NewVisitor, gallery: tuple[str, list[str]], originals: dict[str, bytes]
) -> None:
    page, _ = phone(new_visitor, gallery)
    page.get_by_role("button", name="View original").tap()
    shows(page.get_by_role("dialog"), "original")
    page.get_by_role("button", name="Share").tap()
    [file] = shared(page)["files"]
    assert file["size"] < min(len(data) for data in originals.values())


@pytest.mark.parametrize("obstacle", ["a sheet without files", "a picture that cannot be read"])
def test_url_is_shared_where_files_cannot_be(
    new_visitor: NewVisitor, gallery: tuple[str, list[str]], obstacle: str
) -> None:
    page, _ = phone(new_visitor, gallery, files=obstacle != "a sheet without files")
    if obstacle == "a picture that cannot be read":
        page.route("**/variants/large?*", lambda route: route.abort())
        page.route("**/preview?*", lambda route: route.abort())
    page.get_by_role("button", name="Share").tap()
    what = shared(page)
    assert what["url"] == f"{gallery[0]}#photo={gallery[1][1]}"
    assert what["files"] == []


def test_share_can_be_repeated_after_user_activation_expired(
    new_visitor: NewVisitor, gallery: tuple[str, list[str]]
) -> None:
    page, _ = phone(new_visitor, gallery, errors=("NotAllowedError",))
    page.get_by_role("button", name="Share").tap()
    expect(page.get_by_role("status").filter(has_text="Press Share again")).to_be_visible()
    page.get_by_role("button", name="Share").tap()
    assert shared(page)["files"]


def test_link_is_copied_where_there_is_no_share_sheet(new_visitor: NewVisitor, gallery: tuple[str, list[str]]) -> None:
    context = new_visitor(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.add_init_script(NO_SHEET)
    page.goto(f"{gallery[0]}#photo={gallery[1][1]}")
    ready(page, 2)
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_role("status").filter(has_text="Link copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{gallery[0]}#photo={gallery[1][1]}"


def test_visitor_of_a_share_link_copies_a_link_to_the_photo_with_it(
    new_visitor: NewVisitor, photographer: Photographer, originals: dict[str, bytes]
) -> None:
    collection = photographer.collection("Only by link", privacy="private")
    uuids = photographer.upload(collection, *originals.items())
    link = photographer.share(collection)
    context = new_visitor(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.add_init_script(NO_SHEET)
    page.goto(link)
    page.goto(f"{photographer.page(collection)}#photo={uuids[1]}")
    ready(page, 2)
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_role("status").filter(has_text="Link copied.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{link}#photo={uuids[1]}"
    friend = new_visitor().new_page()
    friend.goto(copied)
    ready(friend, 2)


@pytest.mark.parametrize("files", [True, False])
def test_only_the_file_is_shared_where_others_cannot_open_the_url(
    new_visitor: NewVisitor, gallery: tuple[str, list[str]], *, files: bool
) -> None:
    page = new_visitor(**DENSE_PHONE).new_page()
    page.add_init_script(SHEET.replace("TAKES_FILES", json.dumps(files)).replace("ERRORS", "[]"))
    closed = "document.querySelector('[data-collection]').removeAttribute('data-address-opens')"
    page.add_init_script(f"document.addEventListener('readystatechange', () => {closed})")
    page.goto(f"{gallery[0]}#photo={gallery[1][1]}")
    ready(page, 2)
    expect(page.get_by_role("button", name="Share")).to_have_count(int(files))
    if files:
        page.get_by_role("button", name="Share").tap()
        assert shared(page)["files"]
