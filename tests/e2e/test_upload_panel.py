"""The upload panel: progress, actions and failures, without covering the gallery."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import LAPTOP_ONLY, BrowserErrors, NewVisitor
from tests.e2e.devices import LAPTOP
from tests.e2e.uploading import choose, expect_uploaded, row, save, slow_down, unfold
from tests.support.photographer import Photographer
from tests.support.pictures import jpeg, photograph

PASTE = """() => {
  const clipboardData = new DataTransfer()
  clipboardData.items.add(new File(["%PDF-1.4 pasted"], "pasted.pdf", { type: "application/pdf" }))
  window.dispatchEvent(new ClipboardEvent("paste", { clipboardData, cancelable: true }))
}"""
OVERLAP = """() => {
  const panel = document.querySelector("[data-upload-panel]").getBoundingClientRect()
  const gallery = document.querySelector("[data-gallery]").getBoundingClientRect()
  return Math.max(0, gallery.right - panel.left)
}"""
SENDING = re.compile("Uploading…|Finishing…")
TOO_MANY = 1000
SMALLER = (1000, 1500)  # a quarter of a camera's, sent at a quarter of the speed


def test_title_shows_the_progress(studio: Page, folder: Path) -> None:
    before = studio.title()
    slow_down(studio, 500_000)
    choose(studio, *save(folder, one=photograph(*SMALLER, orientation=1), two=photograph(*SMALLER, orientation=8)))
    expect(studio).to_have_title(re.compile(r"^[1-9]\d?% · Summer wedding$"))
    expect(studio.locator("[data-upload-details]")).to_have_text(re.compile(r"B/s · .* of .* MB"))
    slow_down(studio, -1)
    expect_uploaded(studio, 2, 2)
    expect(studio).to_have_title(before)


def test_pausing_stops_sending_and_resuming_sends_only_the_rest(studio: Page, folder: Path) -> None:
    slow_down(studio, 250_000)
    choose(studio, *save(folder, one=photograph(*SMALLER, orientation=1), two=photograph(*SMALLER, orientation=8)))
    unfold(studio)
    expect(row(studio, "one.jpg")).to_contain_text("Uploading… ")
    row(studio, "one.jpg").get_by_role("button", name="Pause: one.jpg").click()
    expect(row(studio, "one.jpg")).to_contain_text("Paused")
    studio.get_by_role("button", name="Pause all").click()
    expect(row(studio, "two.jpg")).to_contain_text("Paused")
    expect(studio.get_by_role("button", name="Pause all")).to_be_hidden()
    slow_down(studio, -1)
    row(studio, "one.jpg").get_by_role("button", name="Resume: one.jpg").click()
    expect(row(studio, "one.jpg")).to_contain_text("Uploaded")
    expect(row(studio, "two.jpg")).to_contain_text("Paused")
    studio.get_by_role("button", name="Resume all").click()
    expect_uploaded(studio, 2, 2)


def test_a_cancelled_file_is_not_sent_until_it_is_wanted_again(studio: Page, folder: Path) -> None:
    slow_down(studio, 250_000)
    choose(studio, *save(folder, unwanted=photograph(*SMALLER, orientation=1), wanted=jpeg(900, 600)))
    unfold(studio)
    row(studio, "unwanted.jpg").get_by_role("button", name="Cancel: unwanted.jpg").click()
    slow_down(studio, -1)
    expect_uploaded(studio, 1, 1)
    expect(row(studio, "unwanted.jpg")).to_contain_text("Cancelled, not uploaded")
    expect(studio.locator("[data-gallery] > li")).to_have_count(1)
    row(studio, "unwanted.jpg").get_by_role("button", name="Retry: unwanted.jpg").click()
    expect_uploaded(studio, 2, 2)


@LAPTOP_ONLY
def test_leaving_the_page_during_an_upload_asks_first(studio: Page, folder: Path) -> None:
    studio.route("**/upload", lambda route: None)
    choose(studio, *save(folder, one=jpeg(900, 600)))
    unfold(studio)
    expect(row(studio, "one.jpg")).to_contain_text(SENDING)
    with studio.expect_event("dialog") as asked:
        studio.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    expect(row(studio, "one.jpg")).to_contain_text(SENDING)


@LAPTOP_ONLY
def test_upload_with_other_bytes_at_the_server_is_not_reported_as_uploaded(studio: Page, folder: Path) -> None:
    receipt = {"uuid": "0" * 8, "name": "one.jpg", "size": 9, "sha256": "0" * 64, "status": "completed"}
    answer = {"files": [receipt], "errors": []}
    studio.route("**/upload", lambda route: route.fulfill(status=201, json=answer))
    choose(studio, *save(folder, one=jpeg(900, 600)))
    expect(row(studio, "one.jpg")).to_contain_text("Upload failed: The server’s copy doesn’t match this file.")
    expect_uploaded(studio, 0, 1)
    expect(studio).to_have_title("1 failed · Summer wedding")
    studio.unroute("**/upload")
    unfold(studio)
    row(studio, "one.jpg").get_by_role("button", name="Retry: one.jpg").click()
    expect_uploaded(studio, 1, 1)


@LAPTOP_ONLY
def test_briefly_busy_server_loses_no_file(studio: Page, folder: Path, browser_errors: BrowserErrors) -> None:
    answers = iter([503, 503])

    def busy(route: Route) -> None:
        status = next(answers, None)
        if status is None:
            route.continue_()
        else:
            route.fulfill(status=status, headers={"Retry-After": "1"}, json={"error": {"message": "Busy."}})

    studio.route("**/upload", busy)
    choose(studio, *save(folder, **{f"p{n}": jpeg(600 + n, 400) for n in range(5)}))
    expect(studio.locator("[data-upload-rows]")).to_contain_text("Busy. Retrying in a moment")
    expect_uploaded(studio, 5, 5)
    assert [said[:3] for said in browser_errors.heard] == ["503", "503"]
    browser_errors.heard.clear()


def test_failures_stay_until_dismissed_and_can_be_copied(studio: Page, folder: Path) -> None:
    studio.context.grant_permissions(["clipboard-read", "clipboard-write"])
    choose(studio, *save(folder, empty=b"", fine=jpeg(900, 600), nothing=b""))
    expect_uploaded(studio, 1, 3)
    unfold(studio)
    expect(studio.locator("[data-upload-note]")).to_contain_text("2 files couldn’t be uploaded")
    expect(studio.get_by_role("button", name="Close", exact=True)).to_be_hidden()
    studio.get_by_role("button", name="Copy list").click()
    expect(studio.get_by_role("button", name="Copied")).to_be_visible()
    reason = "This file is empty (0 bytes). Copy it from the card again."
    copied = studio.evaluate("navigator.clipboard.readText()")
    assert copied.splitlines() == [f"empty.jpg (0 bytes): {reason}", f"nothing.jpg (0 bytes): {reason}"]
    row(studio, "empty.jpg").get_by_role("button", name="Dismiss: empty.jpg").click()
    expect(studio.locator("[data-upload-note]")).to_contain_text("1 file couldn’t be uploaded")
    studio.get_by_role("button", name="Dismiss all").click()
    expect(studio.locator("[data-upload-note]")).to_be_hidden()
    expect_uploaded(studio, 1, 1)


def test_the_panel_covers_no_picture_and_stays_as_it_was_left(
    new_visitor: NewVisitor, photographer: Photographer, collection: str, folder: Path
) -> None:
    context = new_visitor(**LAPTOP)
    context.add_cookies(photographer.cookies)
    page = context.new_page()
    page.goto(photographer.page(collection))
    paths = save(folder, one=jpeg(900, 600), two=jpeg(600, 900))
    choose(page, *paths)
    expect_uploaded(page, 2, 2)
    assert page.evaluate(OVERLAP) == 0
    page.get_by_role("button", name="List of files").click()
    bar = page.locator("[data-upload-panel]").bounding_box()
    assert bar is not None
    assert bar["height"] < 70
    page.reload()
    choose(page, *paths)
    expect_uploaded(page, 2, 2)
    expect(page.locator("[data-upload-rows]")).to_be_hidden()


def test_panel_shows_only_visible_rows_of_a_thousand_files(studio: Page, folder: Path) -> None:
    studio.route("**/uploads/check", lambda route: None)
    for n in range(TOO_MANY):
        (folder / f"{n:04}.txt").write_text(f"note {n}")
    choose(studio, *sorted(folder.iterdir()))
    expect(studio.locator("[data-upload-summary]")).to_contain_text(f"0 of {TOO_MANY:,} uploaded")
    unfold(studio)
    assert studio.locator(".upload-row").count() < 40
    studio.locator(".upload-body").evaluate("body => body.scrollTo(0, 60000)")
    expect(studio.locator(".upload-row[aria-posinset='940']")).to_be_visible()
    assert studio.locator(".upload-row").count() < 40


@LAPTOP_ONLY
def test_pasted_file_is_uploaded(studio: Page) -> None:
    studio.evaluate(PASTE)
    expect_uploaded(studio, 1, 1)
    expect(studio.locator("[data-files] .gallery-item")).to_contain_text("pasted.pdf")


@LAPTOP_ONLY
def test_pickers_leave_the_kind_of_file_open(studio: Page) -> None:
    for selector in ("[data-upload-input]", "[data-upload-folder]"):
        assert studio.locator(selector).get_attribute("accept") is None


def test_a_chosen_folder_is_uploaded(owner: Page, photographer: Photographer, collection: str, folder: Path) -> None:
    save(folder, one=jpeg(900, 600), two=jpeg(901, 600))
    (folder / ".hidden.jpg").write_bytes(jpeg(10, 10))
    owner.goto(photographer.page(collection))
    with owner.expect_file_chooser() as chooser:
        owner.get_by_role("button", name="Choose a folder").click()
    chooser.value.set_files(folder)
    expect_uploaded(owner, 2, 2)
