"""The pages without JavaScript: everything but the comfort is there."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.conftest import NewVisitor
from tests.e2e.photographer import EMAIL, PASSWORD
from tests.factories import jpeg


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
    expect(messages).to_contain_text("2 files are safe.")
    expect(messages).to_contain_text("1 was here already and is kept once.")
    expect(messages).to_contain_text("empty.jpg:")
    expect(page.get_by_text("2 photographs")).to_be_visible()
    with page.expect_response("**/preview*") as preview:
        page.get_by_role("link", name="one.jpg", exact=True).click()
    assert preview.value.status == 200
    assert preview.value.headers["content-type"] == "image/jpeg"
