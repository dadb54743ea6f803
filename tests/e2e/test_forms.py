"""Forms show their invalid fields: before sending, and without JavaScript in the response."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewVisitor
from tests.e2e.devices import PHONE
from tests.support.photographer import Photographer


def fill_in(page: Page) -> None:
    """Fill in a new collection with an empty password."""
    page.goto("/collections/new")
    page.get_by_label("Title").fill("The first dance")
    page.get_by_label("Anyone with the link and a password").check()
    page.get_by_role("button", name="Create collection").click()


def test_password_that_is_missing_is_asked_for_before_the_form_is_sent(owner: Page) -> None:
    fill_in(owner)
    expect(owner.get_by_label("Password for clients")).to_be_focused()
    expect(owner).to_have_url("/collections/new")


def test_password_is_not_asked_for_where_it_is_not_needed(owner: Page) -> None:
    fill_in(owner)
    owner.get_by_label("Anyone with the link", exact=False).first.check()
    owner.get_by_role("button", name="Create collection").click()
    expect(owner.get_by_role("heading", level=1)).to_have_text("The first dance")


def test_end_in_the_past_is_confirmed_before_it_closes_the_collection(
    owner: Page, photographer: Photographer, collection: str
) -> None:
    owner.goto(f"{photographer.page(collection)}/edit")
    closing = owner.get_by_label("Close the collection now")
    expect(closing).to_have_count(0)
    owner.get_by_label("Expires on").fill("2020-01-31T18:00")
    owner.get_by_role("button", name="Save changes").click()
    expect(owner.get_by_label("Expires on")).to_be_focused()
    expect(owner.get_by_role("alert")).to_contain_text("That is in the past")
    closing.check()
    owner.get_by_role("button", name="Save changes").click()
    expect(owner.get_by_text("Expired on 31 January 2020")).to_be_visible()


def test_rejected_form_has_focus_in_the_first_invalid_field(
    new_visitor: NewVisitor, photographer: Photographer
) -> None:
    context = new_visitor(java_script_enabled=False, **PHONE)
    context.add_cookies(photographer.cookies)
    page = context.new_page()
    fill_in(page)
    password = page.get_by_label("Password for clients")
    expect(password).to_be_focused()
    expect(password).to_be_in_viewport()
    expect(password).to_have_accessible_description("Send it to your client separately. Choose a password.")
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Please check what you entered.")
    page.get_by_label("Title").focus()
    summary.get_by_role("link", name="Password for clients: Choose a password.").click()
    expect(password).to_be_in_viewport()
