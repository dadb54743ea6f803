"""Uploads of real files on the collection page, by picker and by drop, with the result of each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.pictures import is_upright
from tests.e2e.uploading import choose, drop, row, save, slow_down, tile
from tests.support.photographer import Photographer
from tests.support.pictures import jpeg, photograph

WATCH_ROWS = """() => {
  const rows = document.querySelector("[data-upload-rows]")
  window.seen = {}
  new MutationObserver(() => {
    for (const row of rows.children) {
      const name = row.querySelector(".upload-row-name").textContent
      const words = row.querySelector(".upload-row-state").textContent
      const seen = (window.seen[name] ??= [])
      if (words && seen.at(-1) !== words) seen.push(words)
    }
  }).observe(rows, { childList: true, subtree: true, characterData: true })
}"""


def expect_picture(page: Page, name: str) -> Locator:
    """The tile's picture, loaded."""
    image = tile(page, name).get_by_role("img")
    expect(image).to_be_visible()
    expect(image).to_have_js_property("complete", True)
    assert image.evaluate("image => image.naturalWidth") > 0
    return image


@pytest.fixture
def page(owner: Page, photographer: Photographer, collection: str) -> Page:
    """Ada looks at her empty collection; a reload would lose the mark."""
    owner.goto(photographer.page(collection))
    owner.evaluate("window.mark = 'never reloaded'")
    return owner


def test_chosen_photographs_appear_upright_without_a_reload(page: Page, folder: Path) -> None:
    first, second = photograph(), photograph(3000, 2000, orientation=1)
    assert min(len(first), len(second)) > 2_500_000
    choose(page, *save(folder, portrait=first, landscape=second))
    for name in ("portrait.jpg", "landscape.jpg"):
        expect(row(page, name)).to_contain_text(re.compile(r"Uploaded\s*$"))
        assert is_upright(expect_picture(page, name))
    box = tile(page, "portrait.jpg").bounding_box()
    assert box is not None
    assert box["height"] > box["width"] * 1.4
    expect(page.locator("[data-upload-summary]")).to_have_text("2 of 2 uploaded")
    expect(page.locator("[data-photo-count]")).to_have_text("2 photos")
    assert page.evaluate("window.mark") == "never reloaded"


def test_dropped_photographs_appear_upright_without_a_reload(page: Page, folder: Path) -> None:
    drop(page, *save(folder, dropped=photograph(), small=jpeg(1500, 1000)))
    expect(row(page, "dropped.jpg")).to_contain_text(re.compile(r"Uploaded\s*$"))
    assert is_upright(expect_picture(page, "dropped.jpg"))
    expect_picture(page, "small.jpg")
    expect(page.locator("[data-drop-veil]")).to_be_hidden()
    assert page.evaluate("window.mark") == "never reloaded"


def test_each_file_has_a_row_with_its_progress(page: Page, folder: Path) -> None:
    slow_down(page, 4_000_000)
    page.evaluate(WATCH_ROWS)
    choose(page, *save(folder, one=photograph(orientation=1), two=photograph(orientation=8)))
    for name in ("one.jpg", "two.jpg"):
        expect(row(page, name)).to_contain_text(re.compile(r"Uploaded\s*$"))
        words = page.evaluate("window.seen")[name]
        shares = [int(share) for line in words for share in re.findall(r"Uploading… (\d+)%", line)]
        assert shares == sorted(shares)
        assert any(0 < share < 100 for share in shares)
        assert words[-1] == "Uploaded"


def test_corrupt_photograph_is_kept_and_shown_as_failed_with_its_reason(page: Page, folder: Path) -> None:
    whole = photograph(1500, 1000, orientation=1)
    choose(page, *save(folder, broken=whole[:100], fine=whole))
    expect(row(page, "broken.jpg")).to_contain_text("Uploaded, but no preview: ")
    failed = tile(page, "broken.jpg")
    expect(failed).to_have_attribute("data-status", "failed")
    reason = failed.get_attribute("data-reason")
    assert reason
    expect(failed).to_contain_text(reason)
    expect(failed.get_by_role("button", name="Retry")).to_be_visible()
    with page.expect_download() as download:
        failed.get_by_role("link", name="Download original").click()
    assert download.value.path().read_bytes() == whole[:100]
    expect_picture(page, "fine.jpg")


def test_duplicate_is_reported_and_kept_once(page: Page, folder: Path) -> None:
    picture = jpeg(1200, 800)
    choose(page, *save(folder, first=picture))
    expect(row(page, "first.jpg")).to_contain_text(re.compile(r"Uploaded\s*$"))
    choose(page, *save(folder, again=picture))
    expect(row(page, "again.jpg")).to_contain_text("Already uploaded – skipped")
    expect(page.locator("[data-gallery] .gallery-item")).to_have_count(1)


def test_empty_file_is_refused_by_name_and_its_neighbour_is_not(page: Page, folder: Path) -> None:
    choose(page, *save(folder, empty=b"", good=jpeg(900, 600)))
    expect(row(page, "empty.jpg")).to_contain_text("Upload failed: This file is empty (0 bytes).")
    expect_picture(page, "good.jpg")
    expect(page.locator("[data-upload-note]")).to_contain_text("1 file couldn’t be uploaded")


def test_a_document_stands_among_the_other_files(page: Page, folder: Path) -> None:
    contract = folder / "contract.pdf"
    contract.write_bytes(b"%PDF-1.4\n%%EOF\n")
    choose(page, contract)
    expect(row(page, "contract.pdf")).to_contain_text("Uploaded")
    document = page.locator("[data-files] .gallery-item")
    expect(document).to_contain_text("contract.pdf")
    expect(document).to_contain_text("PDF")
    with page.expect_download() as download:
        document.get_by_role("link", name="Download contract.pdf").click()
    assert download.value.path().read_bytes() == contract.read_bytes()
