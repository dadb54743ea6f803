"""Nothing is sent twice: neither the same folder after an interruption nor two files of the same bytes."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import LAPTOP_ONLY
from tests.e2e.uploading import Sent, drop, expect_uploaded, row, save
from tests.support.photographer import Photographer
from tests.support.pictures import jpeg

pytestmark = LAPTOP_ONLY
COUNT = 6
FORM = 1000  # bytes around a file, at most


def album(folder: Path) -> list[bytes]:
    """Photos in a folder and a subfolder, with hidden files of the system."""
    pictures = [jpeg(600 + 30 * n, 400, (20 * n, 90, 160)) for n in range(COUNT)]
    (folder / "evening").mkdir()
    for n, data in enumerate(pictures):
        (folder / ("evening" if n % 2 else ".") / f"{n}.jpg").write_bytes(data)
    (folder / ".DS_Store").write_bytes(b"hidden")
    return pictures


def test_a_folder_dropped_again_sends_nothing(studio: Page, folder: Path) -> None:
    pictures = album(folder)
    first = Sent(studio)
    drop(studio, folder)
    expect_uploaded(studio, COUNT, COUNT)
    expect(studio.locator("[data-upload-details]")).to_contain_text("1 hidden file skipped")
    assert first.count == COUNT
    assert 0 < first.bytes - sum(map(len, pictures)) < COUNT * FORM

    studio.reload()
    again = Sent(studio)
    drop(studio, folder)
    expect_uploaded(studio, COUNT, COUNT)
    expect(studio.locator("[data-upload-details]")).to_contain_text(f"{COUNT} already uploaded – skipped")
    expect(row(studio, "1.jpg")).to_contain_text("Already uploaded – skipped")
    expect(studio.locator("[data-gallery] > li")).to_have_count(COUNT)
    assert (again.count, again.bytes) == (0, 0)


def test_file_uploaded_by_another_browser_is_not_sent_again(
    studio: Page, photographer: Photographer, collection: str, folder: Path
) -> None:
    there, new = jpeg(640, 480, (1, 2, 3)), jpeg(640, 480, (30, 20, 10))
    photographer.upload(collection, ("from a script.jpg", there))
    sent = Sent(studio)
    drop(studio, *save(folder, there=there, new=new))
    expect_uploaded(studio, 2, 2)
    expect(row(studio, "there.jpg")).to_contain_text("Already uploaded – skipped")
    expect(studio.locator("[data-gallery] .gallery-item")).to_have_count(2)
    assert sent.count == 1


def test_two_files_of_the_same_bytes_in_one_drop_are_sent_once(studio: Page, folder: Path) -> None:
    picture = jpeg(800, 600)
    sent = Sent(studio)
    drop(studio, *save(folder, first=picture, second=picture))
    expect_uploaded(studio, 2, 2)
    expect(studio.locator("[data-upload-details]")).to_contain_text("1 already uploaded – skipped")
    expect(studio.locator("[data-gallery] > li")).to_have_count(1)
    assert sent.count == 1
