"""HEIC, which turns pictures by boxes of the container; Pillow cannot write one, so a tiny one (96 x 64) is changed."""

import io

import numpy as np
import pytest
from PIL import Image

from app.errors import ImageCorrupt
from app.imaging.render import render
from app.imaging.variants import by_name
from tests.support.photos import TINY
from tests.support.pictures import corners, pixels

_COLOUR_BOX = TINY.index(b"colr") - 4


def turned(quarters: int, mirror: int | None) -> io.BytesIO:
    """The picture with `irot` (quarter turns to the left) and then `imir` (0 top to bottom, 1 left to right).

    They take the 19 bytes of its colour box, so that nothing else moves; the association table names them instead.
    """
    boxes = b"\0\0\0\x09irot" + bytes([quarters]) + b"\0\0\0\x0aimir" + bytes([mirror or 0, 0])
    body = bytearray(TINY)
    body[_COLOUR_BOX : _COLOUR_BOX + 19] = boxes
    at = body.index(b"\x04\x81\x02\x03\x04")
    body[at + 1 : at + 5] = b"\x81\x82\x83\x04" if mirror is not None else b"\x81\x82\x04\x05"
    return io.BytesIO(bytes(body))


@pytest.mark.parametrize("mirror", [None, 0, 1])
@pytest.mark.parametrize("quarters", range(4))
def test_the_boxes_of_the_container_turn_the_picture(quarters, mirror):
    with (
        render(io.BytesIO(TINY), [by_name("medium")]) as plain,
        render(turned(quarters, mirror), [by_name("medium")]) as shown,
    ):
        expected = Image.open(plain.renditions[0].stream).convert("RGB").rotate(90 * quarters, expand=True)
        if mirror is not None:
            expected = expected.transpose([Image.Transpose.FLIP_TOP_BOTTOM, Image.Transpose.FLIP_LEFT_RIGHT][mirror])
        found = Image.open(shown.renditions[0].stream)
        assert found.size == expected.size == (shown.width, shown.height)
        assert np.abs(pixels(found) - pixels(expected)).mean() < 1


def test_a_heic_shows_its_colours_and_size():
    with render(io.BytesIO(TINY), [by_name("medium")]) as picture:
        assert (picture.format.name, picture.width, picture.height) == ("heic", 96, 64)
        assert np.abs(pixels(Image.open(picture.renditions[0].stream)) - pixels(corners(96, 64))).mean() < 6


def test_exif_does_not_turn_a_heic_a_second_time():
    """The container's boxes are the truth (ISO/IEC 23008-12, 6.5.10); iPhones write both."""
    with render(turned(3, None), [by_name("thumb")]) as picture:
        assert (picture.width, picture.height) == (64, 96)


@pytest.mark.parametrize("length", [60, 300, 420, 560])
def test_a_heic_cut_short_is_named(length):
    with pytest.raises(ImageCorrupt, match="This HEIC is"):
        render(io.BytesIO(TINY[:length]), [by_name("thumb")])
