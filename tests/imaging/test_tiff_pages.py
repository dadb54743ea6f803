"""TIFFs whose first page is not the main picture."""

import io
import struct
from datetime import datetime
from typing import Any

import pytest
from PIL import Image, TiffImagePlugin

from app.imaging import tiff_pages
from app.imaging.render import render
from app.imaging.variants import by_name
from tests.support.pictures import RED, corners, pixels

MEDIUM = [by_name("medium")]
SUBFILE_TYPE, OLD_SUBFILE_TYPE, ORIENTATION, SUB_IFDS = 254, 255, 274, 330


def tiff(*pages: tuple[Image.Image, dict[int, Any]]) -> bytes:
    """Pages one after another, each with its own tags."""
    stream = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(stream, new=True) as writer:
        for image, tags in pages:
            directory = TiffImagePlugin.ImageFileDirectory_v2()
            for tag, value in tags.items():
                directory[tag] = value
            image.save(writer, "TIFF", tiffinfo=directory)
            writer.newFrame()
    return stream.getvalue()


def grey(side: int = 40) -> Image.Image:
    return Image.new("RGB", (side, side), (128, 128, 128))


FULL = corners(800, 500)


@pytest.mark.parametrize(
    "tags",
    [{SUBFILE_TYPE: 1}, {SUBFILE_TYPE: 4}, {SUBFILE_TYPE: 5}, {OLD_SUBFILE_TYPE: 2}, {SUBFILE_TYPE: 1, SUB_IFDS: 9000}],
    ids=["reduced", "mask", "reduced mask", "reduced, as of old", "reduced with directories below it"],
)
def test_picture_behind_a_reduced_page_is_shown(tags):
    with render(io.BytesIO(tiff((grey(), tags), (grey(), tags), (FULL, {}))), MEDIUM) as picture:
        assert (picture.format.name, picture.width, picture.height) == ("tiff", 800, 500)
        assert abs(pixels(Image.open(picture.renditions[0].stream))[20, 20] - RED).max() < 8


def test_orientation_is_read_from_the_same_page():
    data = tiff((grey(), {SUBFILE_TYPE: 1, ORIENTATION: 3}), (FULL, {ORIENTATION: 6}))
    with render(io.BytesIO(data), MEDIUM) as picture:
        assert (picture.width, picture.height) == (500, 800)
        assert abs(pixels(Image.open(picture.renditions[0].stream))[20, 480] - RED).max() < 8


def test_moment_that_only_the_small_copy_knows_is_kept():
    data = tiff((grey(), {SUBFILE_TYPE: 1, 0x0132: "2024:06:01 10:30:05"}), (FULL, {}))
    with render(io.BytesIO(data), MEDIUM) as picture:
        assert picture.metadata.taken_at == datetime(2024, 6, 1, 10, 30, 5)  # noqa: DTZ001  the camera's clock


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ([{}, {}], 0),
        ([{SUBFILE_TYPE: 2}, {}], 0),
        ([{SUBFILE_TYPE: 1}, {SUBFILE_TYPE: 2}], 1),
        ([{SUBFILE_TYPE: 1}], None),
        ([{SUBFILE_TYPE: 1}] * 120 + [{}], None),
    ],
)
def test_first_page_of_full_size_is_the_main_one(pages, expected):
    assert tiff_pages.main_page(io.BytesIO(tiff(*((grey(8), tags) for tags in pages)))) == expected


def test_only_reduced_pages_show_the_first():
    with render(io.BytesIO(tiff((FULL, {SUBFILE_TYPE: 1}))), MEDIUM) as picture:
        assert (picture.width, picture.height) == (800, 500)


def test_big_tiff_is_read_in_both_byte_orders():
    for order, mark in (("<", b"II"), (">", b"MM")):
        head = mark + struct.pack(order + "HHHQ", 43, 8, 0, 16)
        first = struct.pack(order + "QHHQIIQ", 1, SUBFILE_TYPE, 4, 1, 1, 0, 52)
        second = struct.pack(order + "QHHQIIQ", 1, SUBFILE_TYPE, 4, 1, 0, 0, 0)
        assert tiff_pages.main_page(io.BytesIO(head + first + second)) == 1


@pytest.mark.parametrize("tail", [b"", b"\1", b"\xff\xff", b"\2\0" + bytes(20), b"\0\0\x08\0\0\0"])
def test_damaged_directories_end_the_search(tail):
    assert tiff_pages.main_page(io.BytesIO(b"II*\0\x08\0\0\0" + tail)) in (None, 0)
