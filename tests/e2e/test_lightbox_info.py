"""The information panel: beside or below the photo, fetched when it is opened."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import NewVisitor
from tests.e2e.devices import DENSE_PHONE, LAPTOP
from tests.e2e.stage import PATIENCE_SECONDS, grows_to, opened, ready, shown, width_of
from tests.support.processes import eventually

KNOWN = {
    "name": "02.jpg",
    "size": 4_200_000,
    "size_human": "4.2 MB",
    "width": 2000,
    "height": 3000,
    "taken_at": "2026-05-04T16:20:00",
    "camera": "Hasselblad X2D",
    "lens": "XCD 55V",
    "focal_length": 55.0,
    "aperture": 2.8,
    "shutter": 0.004,
    "iso": 100,
    "keywords": ["dance", "hall"],
    "caption": "The <b>first</b> dance",
}
GPS = {"latitude": 59.93428, "longitude": 30.3351}


@pytest.fixture(params=[LAPTOP, DENSE_PHONE], ids=["laptop", "phone"])
def page(request: pytest.FixtureRequest, new_visitor: NewVisitor, gallery: tuple[str, list[str]]) -> Page:
    """A laptop or a phone that shows the second of three photographs."""
    page = new_visitor(**request.param).new_page()
    page.route("**/info", lambda route: route.fulfill(json=KNOWN))
    page.goto(f"{gallery[0]}#photo={gallery[1][1]}")
    ready(page, 2)
    return page


def is_apart(photo: Locator, panel: Locator) -> bool:
    """Whether the photo ends before the panel begins, to the left of it or above it."""
    picture, beside = photo.bounding_box(), panel.bounding_box()
    if picture is None or beside is None:
        return False
    return picture["x"] + picture["width"] <= beside["x"] or picture["y"] + picture["height"] <= beside["y"]


def test_info_panel_shows_metadata_and_does_not_cover_the_photo(page: Page) -> None:
    box = page.get_by_role("dialog")
    before = width_of(box)
    page.keyboard.press("i")
    panel = page.get_by_role("region", name="Information")
    for words in ("Hasselblad X2D", "XCD 55V", "1/250 s, ƒ/2.8, 55 mm, ISO 100", "dance, hall",
                  "The <b>first</b> dance", "4 May 2026 at 16:20", "2000 × 3000, 6 megapixels", "4.2 MB"):  # fmt: skip
        expect(panel).to_contain_text(words)
    expect(panel).not_to_contain_text("Place")
    eventually(lambda: is_apart(shown(box).last, panel), PATIENCE_SECONDS, "the photo makes room")
    page.keyboard.press("i")
    expect(panel).to_be_hidden()
    grows_to(box, before)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"taken_from": "xmp"}, "4 May 2026 at 16:20 (from XMP)"),
        ({"taken_from": "exif_changed"}, "4 May 2026 at 16:20 (from EXIF, last change)"),
        ({"taken_from": "file_date"}, "4 May 2026 at 16:20 (from the date of an earlier file)"),
        ({"taken_precision": "day", "taken_from": "iptc"}, "4 May 2026 (from IPTC)"),
        ({"taken_precision": "month"}, "May 2026"),
        ({"taken_precision": "year"}, "2026"),
    ],
)
def test_date_shows_its_source_and_only_the_known_precision(page: Page, facts: dict[str, str], words: str) -> None:
    page.route("**/info", lambda route: route.fulfill(json={**KNOWN, **facts}))
    page.keyboard.press("i")
    taken = page.get_by_role("region", name="Information").locator("dt:has-text('Taken') + dd")
    expect(taken).to_have_text(re.compile(rf"^(Monday,? )?{re.escape(words)}$"))  # the comma is the browser's


def test_info_is_fetched_once_per_photo_and_only_when_open(page: Page) -> None:
    requested_urls: list[str] = []
    page.on("request", lambda request: requested_urls.append(request.url) if request.url.endswith("/info") else None)
    page.keyboard.press("ArrowRight")
    opened(page, 3)
    assert requested_urls == []
    page.keyboard.press("i")
    panel = page.get_by_role("region", name="Information")
    expect(panel).to_contain_text("Hasselblad")
    page.keyboard.press("ArrowLeft")
    opened(page, 2)
    expect(panel.locator("[aria-busy]")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    opened(page, 3)
    expect(panel.locator("[aria-busy]")).to_have_count(0)
    assert len(requested_urls) == 2


def test_place_is_a_plain_link_without_referrer(page: Page) -> None:
    page.route("**/info", lambda route: route.fulfill(json={**KNOWN, "gps": GPS}))
    page.get_by_role("button", name="Information (I)").click()
    place = page.get_by_role("link", name="OpenStreetMap")
    expect(place).to_have_attribute(
        "href", "https://www.openstreetmap.org/?mlat=59.93428&mlon=30.33510#map=15/59.93428/30.33510"
    )
    expect(place).to_have_attribute("rel", "noreferrer")


def test_failed_info_shows_error_and_can_be_retried(page: Page) -> None:
    page.route("**/info", lambda route: route.abort(), times=1)
    page.keyboard.press("i")
    panel = page.get_by_role("region", name="Information")
    expect(panel).to_contain_text("The information couldn’t be loaded.")
    panel.get_by_role("button", name="Retry").click()
    expect(panel).to_contain_text("Hasselblad")


def test_closing_info_panel_returns_focus_to_its_button(page: Page) -> None:
    page.get_by_role("button", name="Information (I)").click()
    panel = page.get_by_role("region", name="Information")
    panel.get_by_role("button", name="Close").click()
    expect(panel).to_be_hidden()
    expect(page.get_by_role("button", name="Information (I)")).to_be_focused()
