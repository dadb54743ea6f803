"""Signing in, making a collection, signing out: by hand, as a photographer does it."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.support.studio import EMAIL, PASSWORD


def sign_in(page: Page, password: str = PASSWORD) -> None:
    page.goto("/auth/sign-in")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_wrong_password_is_refused_and_the_right_one_opens_the_list(visitor: Page) -> None:
    sign_in(visitor, "not the password")
    expect(visitor.get_by_role("alert")).to_contain_text("Wrong email or password.")
    sign_in(visitor)
    expect(visitor).to_have_url(re.compile(r"/collections/$"))
    expect(visitor.get_by_role("button", name="Sign out")).to_be_visible()


def test_new_collection_is_made_and_found_in_the_list(visitor: Page) -> None:
    sign_in(visitor)
    visitor.get_by_role("link", name="New collection").click()
    visitor.get_by_label("Title").fill("Anna & Émile <3")
    visitor.get_by_label("Anyone with the link", exact=False).first.check()
    visitor.get_by_role("button", name="Create collection").click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Anna & Émile <3")
    expect(visitor.get_by_role("heading", name="Add the first photos")).to_be_visible()
    visitor.get_by_role("link", name="Collections").click()
    card = visitor.get_by_role("listitem").filter(has_text="Anna & Émile <3")
    expect(card.first).to_contain_text("0 photos")


def test_signing_out_closes_the_list(visitor: Page) -> None:
    sign_in(visitor)
    visitor.get_by_role("button", name="Sign out").click()
    expect(visitor.get_by_role("status")).to_contain_text("You are signed out")
    visitor.goto("/collections/")
    expect(visitor).to_have_url(re.compile("/auth/sign-in"))
