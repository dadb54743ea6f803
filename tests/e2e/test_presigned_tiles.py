"""Pictures in a bucket: browsers load tiles and previews from the store, and get new URLs before the old ones end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app.integrations.file_storage import CloudflareR2Storage
from app.integrations.s3.settings import R2Settings
from tests.e2e.conftest import NewVisitor
from tests.e2e.devices import LAPTOP
from tests.e2e.stage import shown
from tests.support.photographer import Photographer
from tests.support.pictures import photograph
from tests.support.s3 import new_bucket, settings_of
from tests.support.server import LiveServer

OF_APP = "/collections/files/"
LOADED = "image => image.complete && image.naturalWidth > 0"
ALL_LOADED = """() => {
  const images = [...document.querySelectorAll(".tile-link img")]
  return images.length === 3 && images.every((image) => image.naturalWidth > 0)
}"""
MAKE_OLD = """() => {
  document.querySelector("[data-collection]").dataset.signed = "an earlier time"
  for (const tile of document.querySelectorAll("[data-preview-src]")) tile.dataset.previewSrc = "/ended"
  for (const image of document.querySelectorAll(".tile-link img")) Object.assign(image, { srcset: "", src: "/ended" })
}"""
ASK_STATUS = "() => document.dispatchEvent(new Event('visibilitychange'))"


@pytest.fixture(scope="module")
def bucket(moto_endpoint: str) -> Iterator[R2Settings]:
    """A bucket at moto."""
    with new_bucket(moto_endpoint) as bucket:
        yield bucket


@pytest.fixture(scope="module")
def ada(tmp_path_factory: pytest.TempPathFactory, bucket: R2Settings) -> Iterator[Photographer]:
    """A photographer on a server that stores files in the bucket."""
    with LiveServer(tmp_path_factory.mktemp("remote"), **settings_of(bucket)) as server:
        server.create_user()
        with server.sign_in() as ada:
            yield ada


@pytest.fixture
def address(ada: Photographer) -> str:
    """The address of a collection with three photos."""
    collection = ada.collection("Remote")
    photos = {f"{name}.jpg": photograph(1500, 1000, orientation=1) + name.encode() for name in "abc"}
    ada.wait_for_large(*ada.upload(collection, *photos.items()))
    return ada.page(collection)


def _images_are_loaded(page: Page) -> None:
    for image in page.locator(".tile-link img").all():
        expect(image).to_have_js_property("complete", True)
        image.scroll_into_view_if_needed()
        page.wait_for_function(LOADED, arg=image.element_handle())


def test_browser_loads_pictures_from_the_store_alone(new_visitor: NewVisitor, address: str, bucket: R2Settings) -> None:
    page = new_visitor(**LAPTOP).new_page()
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(address)
    expect(page.locator(".tile-link img")).to_have_count(3)
    _images_are_loaded(page)
    page.locator(".tile-link").first.click()
    expect(shown(page.get_by_role("dialog"))).to_have_js_property("complete", True)
    pictures = [url for url in requested if OF_APP in url or "/variants/" in url]
    assert [url for url in pictures if not url.startswith(bucket.endpoint_url)] == []
    assert len(pictures) >= 3


def test_picture_that_is_gone_from_the_store_is_made_again(
    new_visitor: NewVisitor, address: str, bucket: R2Settings
) -> None:
    store, variants = CloudflareR2Storage(bucket), f"collections/{address.rpartition('/')[2]}/variants/"
    for stored in list(store.list(variants)):
        store.delete(stored.key)
    page = new_visitor(**LAPTOP).new_page()
    page.goto(address)
    expect(page.locator(".tile-link img")).to_have_count(3)
    page.wait_for_function(ALL_LOADED)
    assert list(store.list(variants))


def test_open_page_takes_over_new_urls(new_visitor: NewVisitor, address: str) -> None:
    page = new_visitor(**LAPTOP).new_page()
    page.route("**/ended", lambda route: None)  # images that have not loaded when their URLs end
    page.goto(address)
    _images_are_loaded(page)
    page.evaluate(MAKE_OLD)
    page.evaluate(ASK_STATUS)
    expect(page.locator(".gallery-item").first).not_to_have_attribute("data-preview-src", "/ended")
    _images_are_loaded(page)
