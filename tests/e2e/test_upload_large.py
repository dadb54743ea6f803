"""A large upload resumes where it stopped: after a pause, a closed page or a killed server."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.e2e.conftest import LAPTOP_ONLY, NewVisitor
from tests.e2e.uploading import choose, expect_uploaded, row, slow_down, unfold
from tests.support.photographer import Photographer

pytestmark = LAPTOP_ONLY
SIZE = 20_000_000  # three pieces; from 16 MB on a file goes in pieces
PIECE = 8 * 1024 * 1024
SLOW, CRAWLING = 12_000_000, 500_000  # bytes a second
FIRST_PIECE = 20_000  # milliseconds in which it must have arrived


@pytest.fixture
def film(folder: Path) -> Path:
    """A file large enough to be sent in chunks."""
    path = folder / "film.bin"
    path.write_bytes(os.urandom(SIZE))
    return path


class Pieces:
    """The chunks that a page sends, with their offsets."""

    def __init__(self, page: Page) -> None:
        self.offsets: list[int] = []
        page.on("request", self._hear)

    def _hear(self, request: Request) -> None:
        if request.method == "PATCH":
            self.offsets.append(int(request.headers["upload-offset"]))


def send_some(page: Page, film: Path) -> Pieces:
    """Slow the upload down until at least one chunk has arrived."""
    pieces = Pieces(page)
    slow_down(page, SLOW)
    choose(page, film)
    unfold(page)
    with page.expect_response(lambda answer: answer.request.method == "PATCH", timeout=FIRST_PIECE) as answered:
        pass
    slow_down(page, CRAWLING)  # or the rest is there before a busy machine comes to press a button
    assert answered.value.status == 204
    return pieces


def test_paused_upload_resumes_where_it_stopped(
    studio: Page, photographer: Photographer, collection: str, film: Path
) -> None:
    pieces = send_some(studio, film)
    row(studio, "film.bin").get_by_role("button", name="Pause: film.bin").click()
    expect(row(studio, "film.bin")).to_contain_text("Paused at ")
    before = len(pieces.offsets)
    slow_down(studio, -1)
    row(studio, "film.bin").get_by_role("button", name="Resume: film.bin").click()
    expect_uploaded(studio, 1, 1)
    assert pieces.offsets[before] >= PIECE
    assert photographer.digests(collection) == [hashlib.sha256(film.read_bytes()).hexdigest()]


def test_upload_of_a_closed_page_resumes_in_another_browser(
    studio: Page, new_visitor: NewVisitor, photographer: Photographer, collection: str, film: Path
) -> None:
    send_some(studio, film)
    studio.close()
    context = new_visitor()
    context.add_cookies(photographer.cookies)
    other = context.new_page()
    other.goto(photographer.page(collection))
    pieces = Pieces(other)
    choose(other, film)
    expect_uploaded(other, 1, 1)
    assert pieces.offsets[0] >= PIECE
    assert photographer.digests(collection) == [hashlib.sha256(film.read_bytes()).hexdigest()]


def test_cancelled_upload_is_cancelled_on_the_server_too(studio: Page, film: Path) -> None:
    send_some(studio, film)
    with studio.expect_request(lambda request: request.method == "DELETE") as deleted:
        row(studio, "film.bin").get_by_role("button", name="Cancel: film.bin").click()
    response = deleted.value.response()
    assert response is not None
    assert response.status == 204
    expect(row(studio, "film.bin")).to_contain_text("Cancelled, not uploaded")


def test_lost_chunk_is_sent_again_from_the_offset_of_the_server(studio: Page, film: Path) -> None:
    lost = iter([True])

    def lose_one(route: Route) -> None:
        if route.request.headers.get("upload-offset") == str(PIECE) and next(lost, False):
            route.abort()
        else:
            route.continue_()

    pieces = Pieces(studio)
    studio.route("**/collections/uploads/*", lose_one)
    choose(studio, film)
    expect_uploaded(studio, 1, 1)
    assert pieces.offsets.count(PIECE) == 2
    assert len(pieces.offsets) == 4
