"""Damaged metadata never prevents decoding, and never takes more memory than its limit."""

import io
import random
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from app.errors import ImageCorrupt
from app.imaging.limits import MEGA, Limits
from app.imaging.render import render
from app.imaging.variants import by_name
from tests.imaging.carriers import BROKEN, PLAIN, heic_with_items, png_with, tiff_with, webp_with, with_crc
from tests.imaging.test_metadata import full_exif
from tests.support.pictures import encoded, pixels, scene
from tests.support.telling import XMP, XMP_HEAD, jpeg, segment

# Pillow warns of damaged EXIF, and a warning that is an error would look like a refusal.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
MOST = 80 * MEGA  # beside the file itself


def shown(body: bytes) -> np.ndarray:
    with render(io.BytesIO(body), [by_name("medium")], Limits(max_seconds=300)) as picture:
        return pixels(Image.open(picture.renditions[0].stream))


@pytest.mark.parametrize("name", BROKEN)
def test_broken_metadata_leaves_the_pixels_as_they_are(name):
    body, plain = BROKEN[name](), PLAIN[name.split(",")[0]]()
    tracemalloc.start()
    try:
        found = shown(body)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert np.array_equal(found, shown(plain))
    assert most < MOST


SOUND = full_exif().tobytes().removeprefix(b"Exif\0\0")
BESIDE = {
    "JPEG": lambda: jpeg(
        segment(0xFE, b"x" * 60_000), segment(0xED, b"Photoshop 3.0\x008BIM\4\4"), segment(0xE2, b"ICC_PROFILE\0"),
        segment(0xE1, b"Exif\0\0" + SOUND), segment(0xE1, XMP_HEAD + XMP), segment(0xE2, b"MPF\0x"),
    ),
    "PNG": lambda: png_with(
        with_crc(b"tEXt", b"a\0b", 1), with_crc(b"zTXt", b"a\0\7"), with_crc(b"eXIf", SOUND), with_crc(b"pHYs", b""),
        with_crc(b"iTXt", b"XML:com.adobe.xmp" + bytes(5) + XMP), with_crc(b"iCCP", b"a\0\7"),
    ),
    "PNG, behind": lambda: png_with(
        with_crc(b"tEXt", b"a\0b", 1), with_crc(b"eXIf", SOUND), with_crc(b"zTXt", b"a\0\7"),
        with_crc(b"iTXt", b"XML:com.adobe.xmp" + bytes(5) + XMP), behind=True,
    ),
    "WebP": lambda: webp_with((b"ICCP", b"x"), (b"EXIF", SOUND), (b"XMP ", XMP), (b"XMP ", XMP))[:-90],
    "HEIC": lambda: heic_with_items(exif=SOUND, xmp=XMP),
    "TIFF": lambda: tiff_with((33723, 7, 900, 1 << 30), (271, 2, 8, -1), (700, 1, len(XMP), -1), data=XMP),
}  # fmt: skip


@pytest.mark.parametrize("name", BESIDE)
def test_valid_metadata_is_read_beside_damaged(name):
    with render(io.BytesIO(BESIDE[name]()), [by_name("thumb")]) as picture:
        assert picture.metadata.rating == 4
        assert picture.metadata.camera == ("<?xpacke" if name == "TIFF" else "NIKON D850")


def test_png_profile_of_more_than_a_megabyte_is_used():
    wide = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    filled = (3_000_000).to_bytes(4) + wide[4:] + random.Random(1).randbytes(3_000_000 - len(wide))
    with render(
        io.BytesIO(png_with(with_crc(b"iCCP", b"a\0\0" + zlib.compress(filled, 1)))), [by_name("thumb")]
    ) as picture:
        assert picture.metadata.icc_name
        assert picture.notes == ()


def test_tiff_that_is_cut_short_is_not_shown_as_if_whole():
    body = encoded(scene(96, 64), "TIFF").getvalue()
    for length in (40, len(body) // 2, len(body) - 9):
        with pytest.raises(ImageCorrupt):
            render(io.BytesIO(body[:length]), [by_name("thumb")])
