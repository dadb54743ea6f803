"""The pages without JavaScript."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.conftest import NewVisitor
from tests.support.photographer import Photographer
from tests.support.pictures import jpeg, taken_by
from tests.support.studio import EMAIL, PASSWORD


def test_sign_in_upload_and_look_without_javascript(new_visitor: NewVisitor, folder: Path) -> None:
    page = new_visitor(java_script_enabled=False).new_page()
    page.goto("/collections/new")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Title").fill("By hand")
    page.get_by_role("button", name="Create collection").click()

    twin = jpeg(1400, 900)
    files = {"one.jpg": twin, "two.jpg": jpeg(900, 1400, (40, 90, 160)), "twin.jpg": twin, "empty.jpg": b""}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    page.get_by_label("Files to add").set_input_files([folder / name for name in files])
    page.get_by_role("button", name="Upload").click()

    messages = page.get_by_role("status").first
    expect(messages).to_contain_text("2 files uploaded.")
    expect(messages).to_contain_text("1 already uploaded – skipped.")
    expect(messages).to_contain_text("empty.jpg:")
    expect(page.locator("[data-photo-count]")).to_have_text("2 photos")
    with page.expect_response("**/preview*") as preview:
        page.get_by_role("link", name="one.jpg", exact=True).click()
    assert preview.value.status == 200
    assert preview.value.headers["content-type"] == "image/jpeg"


def test_camera_clock_is_corrected_and_set_back_without_javascript(
    new_visitor: NewVisitor, photographer: Photographer
) -> None:
    collection = photographer.collection("Two cameras")
    for n, (camera, hour) in enumerate((("NIKON Z 9", 14), ("Canon EOS R5", 13), ("NIKON Z 9", 14))):
        exif = taken_by(camera, f"2026:05:09 {hour}:0{n}:00")
        photographer.upload(collection, (f"{n}.jpg", jpeg(600, 400, (80 * n, 90, 160), exif=exif)))
    context = new_visitor(java_script_enabled=False)
    context.add_cookies(photographer.cookies)
    page = context.new_page()
    page.goto(photographer.page(collection))
    page.get_by_role("link", name="Camera clocks").click()
    form = page.get_by_role("form", name="Clock of Canon EOS R5")
    form.get_by_label("hours").fill("1")
    form.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("2 photos move.")).to_be_visible()
    page.get_by_role("button", name="Use this order").click()
    expect(page.get_by_text("Corrected by +1 h. The camera wrote")).to_be_visible()
    page.get_by_role("button", name="Set back the clock of Canon EOS R5").click()
    expect(page.get_by_text("The clock of Canon EOS R5 is set back to what the camera wrote.")).to_be_visible()
    expect(page.get_by_role("button", name="Set back")).to_have_count(0)
