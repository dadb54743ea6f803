"""The picture of a collection in the README, taken from a running server.

It always lands in test-results/; with UPDATE_SCREENSHOTS=1 the whole album is drawn at full size, and the picture in
docs/images/ is replaced.
"""

from __future__ import annotations

import io
import os

from PIL import Image
from playwright.sync_api import expect

from demo.album import ALBUM, COAST, draw
from tests.e2e.conftest import NewVisitor
from tests.support.photographer import Photographer
from tests.support.processes import ROOT

UPDATE = os.environ.get("UPDATE_SCREENSHOTS") == "1"
SHOWN = 10  # photographs on the first screen, and some below its edge
MAX_BYTES = 400_000
WORDS = "Ridges, coasts and quiet weather."


def test_screenshot_of_the_public_collection(new_visitor: NewVisitor, photographer: Photographer) -> None:
    collection = photographer.collection(COAST, description=WORDS)
    for photo in [photo for photo in ALBUM if photo.album == COAST][: None if UPDATE else SHOWN]:
        jpeg = io.BytesIO()
        draw(photo, jpeg, 1.0 if UPDATE else 0.06)
        photographer.upload(collection, (photo.filename, jpeg.getvalue()))
    tablet = {"viewport": {"width": 1280, "height": 800}, "is_mobile": True}  # whose scrollbar takes no room
    page = new_visitor(**tablet, color_scheme="light").new_page()
    page.goto(photographer.page(collection))
    for image in page.get_by_role("img").all()[:SHOWN]:
        image.evaluate("image => image.decode()")
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport()
    for folder in ("test-results", "docs/images") if UPDATE else ("test-results",):
        target = ROOT / folder / "gallery.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=target, type="jpeg", quality=85)
        assert target.stat().st_size < MAX_BYTES
        with Image.open(target) as taken:
            assert taken.size == (1280, 800)
