"""Access by password, expiry and privacy; no byte of a file is sent without it."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.support.photographer import Photographer
from tests.support.pictures import jpeg

BYTES = ("original", "preview", "thumbnail", "variants/small")


def answers(page: Page, uuid: str) -> dict[str, int]:
    """The status of every address that gives bytes of a file, redirects not followed."""
    return {kind: page.request.get(f"/collections/files/{uuid}/{kind}", max_redirects=0).status for kind in BYTES}


def test_password_collection_opens_only_with_its_password(visitor: Page, photographer: Photographer) -> None:
    collection = photographer.collection("The first dance", privacy="password", password="rosemary")
    [uuid] = photographer.upload(collection, ("dance.jpg", jpeg(1600, 1000)))
    assert answers(visitor, uuid) == dict.fromkeys(BYTES, 302)  # to the question, not to bytes

    visitor.goto(photographer.page(collection))
    expect(visitor).to_have_url(re.compile(f"/{collection}/password$"))
    expect(visitor.get_by_role("heading", level=1)).to_have_text("The first dance")
    visitor.get_by_label("Password").fill("thyme")
    visitor.get_by_role("button", name="Open").click()
    expect(visitor.locator(".field-error")).to_contain_text("That password isn’t right.")
    assert answers(visitor, uuid) == dict.fromkeys(BYTES, 302)

    visitor.get_by_label("Password").fill("rosemary")
    visitor.get_by_role("button", name="Open").click()
    expect(visitor).to_have_url(photographer.page(collection))
    expect(visitor.get_by_role("img", name="dance.jpg")).to_be_visible()
    assert answers(visitor, uuid) == dict.fromkeys(BYTES, 200)


def test_expired_collection_shows_its_expiry_and_no_photos(visitor: Page, photographer: Photographer) -> None:
    collection = photographer.collection("Last year", expires_at="2020-01-31T18:00")
    [uuid] = photographer.upload(collection, ("old.jpg", jpeg(800, 600)))
    response = visitor.goto(photographer.page(collection))
    assert response is not None
    assert response.status == 410
    expect(visitor.get_by_role("heading", level=1)).to_have_text("No longer available")
    expect(visitor.get_by_role("main")).to_contain_text("Last year")
    expect(visitor.get_by_role("main")).to_contain_text("open until 31 January 2020")
    assert answers(visitor, uuid) == dict.fromkeys(BYTES, 410)


def test_private_collection_is_not_found_for_others(visitor: Page, photographer: Photographer) -> None:
    collection = photographer.collection("Secret", privacy="private")
    [uuid] = photographer.upload(collection, ("secret.jpg", jpeg(800, 600)))
    response = visitor.goto(photographer.page(collection))
    assert response is not None
    assert response.status == 404
    expect(visitor.get_by_role("heading", level=1)).to_have_text("We can’t find this page")
    expect(visitor.get_by_text("Secret")).to_have_count(0)
    assert answers(visitor, uuid) == dict.fromkeys(BYTES, 404)
