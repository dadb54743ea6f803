"""Camera RAW: containers as small as they can be made, with the pictures that a camera puts into them."""

import io
import struct

import pytest

from app.errors import ImageCorrupt, ImageNoPreview
from app.imaging import formats
from app.imaging.render import render
from app.imaging.variants import by_name
from tests.support.photos import directory, raw_like
from tests.support.pictures import corners, encoded, with_orientation

THUMB = [by_name("thumb")]


SMALL, LARGE = (encoded(corners(*size)).getvalue() for size in ((160, 120), (1500, 1000)))
REDUCED = [(0x00FE, 4, 1, 1), (0x014A, 4, 1, 900)]
TURNED = (0x0112, 3, 1, 6)


@pytest.mark.parametrize(
    ("stream", "name"),
    [
        (raw_like([*REDUCED, TURNED], b"NIKON CORPORATION\0", SMALL, LARGE), "nef"),
        (raw_like([*REDUCED, TURNED], b"SONY\0", LARGE, SMALL), "arw"),
        (raw_like([(0xC612, 1, 4, 0x0401), TURNED], b"Leica\0", SMALL, LARGE), "dng"),
        (raw_like([TURNED], b"OLYMPUS\0", SMALL, LARGE, magic=b"IIRO"), "orf"),
        (raw_like([TURNED], b"Panasonic\0", LARGE, magic=b"IIU\0"), "rw2"),
    ],
)
def test_the_largest_preview_of_a_raw_is_shown_as_the_camera_was_held(stream, name):
    with render(stream, [by_name("medium")]) as picture:
        assert picture.format is formats.by_name(name)
        assert (picture.width, picture.height) == (1000, 1500)
        assert picture.metadata.camera


def test_fuji_preview_uses_its_own_orientation():
    preview = encoded(corners(900, 600), exif=with_orientation(3)).getvalue()
    with render(io.BytesIO(b"FUJIFILMCCD-RAW 0201".ljust(148, b"\0") + preview + bytes(9000)), THUMB) as picture:
        assert (picture.format.name, picture.width) == ("raf", 900)


def test_cr3_orientation_is_read_from_the_canon_box():
    main = b"II*\0" + struct.pack("<I", 8) + directory([TURNED])
    box = struct.pack(">I", len(main) + 8) + b"CMT1" + main
    stream = io.BytesIO(b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + box + b"\0" * 64 + LARGE)
    with render(stream, THUMB) as picture:
        assert (picture.format.name, picture.width, picture.height) == ("cr3", 1000, 1500)


def test_raw_without_preview_raises_no_preview():
    with pytest.raises(ImageNoPreview, match="contains no preview"):
        render(raw_like([*REDUCED], b"SONY\0", b"\xff\xd8\xff\xc4" + bytes(500)), THUMB)


def test_a_damaged_preview_is_named():
    with pytest.raises(ImageCorrupt):
        render(raw_like([*REDUCED], b"SONY\0", LARGE[: LARGE.index(b"\xff\xda") + 4]), THUMB)
