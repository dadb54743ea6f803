"""Truncated JPEGs: complete except for the end marker, or with their existing part shown."""

import io

import numpy as np
import pytest
from PIL import Image

from app.errors import ImageCorrupt
from app.imaging import formats
from app.imaging.limits import MEGA, Limits, MemoryBudget
from app.imaging.render import Picture, render
from app.imaging.variants import by_name
from tests.support.pictures import encoded, pixels, scene, with_orientation

MEDIUM = [by_name("medium")]
KINDS = {
    "baseline": {},
    "4:4:4": {"subsampling": "4:4:4"},
    "restart markers": {"restart_marker_rows": 2},
    "progressive": {"progressive": True},
    "poor": {"quality": 30},
}
LACKING = {
    "end marker": lambda whole: whole[:-2],
    "half of it": lambda whole: whole[:-1],
    "end marker, filled with zeros": lambda whole: whole[:-2] + bytes(70_000),
    "half of it, filled with zeros": lambda whole: whole[:-1] + bytes(70_000),
}
UNREADABLE = {
    "four bytes and a text": b"\xff\xd8\xff\xe0" + b"Dear Ada, here are the photos. " * 9,
    "four bytes and a long text": b"\xff\xd8\xff\xe0" + b"Dear Ada, here are the photos. " * 9000,
    "four bytes and zeros": b"\xff\xd8\xff\xe0" + bytes(500),
    "four bytes of another segment": b"\xff\xd8\xff\xdb" + b"Dear Ada, here are the photos. " * 9,
}


def jpeg(width: int = 640, height: int = 400, **params: object) -> bytes:
    return encoded(scene(width, height), **params).getvalue()


def rendered(body: bytes, limits: Limits = Limits()) -> Picture:  # noqa: B008  frozen
    return render(io.BytesIO(body), MEDIUM, limits)


def shown(body: bytes) -> np.ndarray:
    with rendered(body) as picture:
        return pixels(Image.open(picture.renditions[0].stream))


def damage_of(body: bytes) -> int | None:
    with rendered(body) as picture:
        return picture.damage.percent if picture.damage else None


@pytest.mark.parametrize("lacking", LACKING)
@pytest.mark.parametrize("kind", KINDS)
def test_jpeg_that_lacks_only_its_end_marker_is_whole(kind, lacking):
    whole = jpeg(**KINDS[kind])
    body = LACKING[lacking](whole)
    assert damage_of(body) is None
    assert np.array_equal(shown(body), shown(whole))


@pytest.mark.parametrize("scale", [1, 5])
@pytest.mark.parametrize("filling", [b"", bytes(200_000)], ids=["no filling", "zeros"])
@pytest.mark.parametrize("kind", ["baseline", "4:4:4", "restart markers"])
def test_jpeg_cut_short_is_shown_as_far_as_it_goes(kind, filling, scale):
    whole = jpeg(640 * scale, 400 * scale, **KINDS[kind])
    body = whole[: int(len(whole) * 0.8)] + filling
    assert abs(damage_of(body) - 20) <= 4  # a row of blocks is 4%
    there, expected = shown(body), shown(whole)
    rows = len(there)
    assert np.abs(there[: int(rows * 0.7)] - expected[: int(rows * 0.7)]).mean() < 0.5
    assert np.abs(there[int(rows * 0.84) :] - 128).max() <= 2


@pytest.mark.parametrize("orientation", range(1, 9))
def test_side_that_is_missing_is_that_of_the_picture_as_displayed(orientation):
    body = jpeg(exif=with_orientation(orientation))
    with rendered(body[: len(body) // 2]) as picture:
        found = pixels(Image.open(picture.renditions[0].stream))
        assert abs(picture.damage.percent - 50) <= 4
    edges = {"lower": found[-20:], "upper": found[:20], "left": found[:, :20], "right": found[:, -20:]}
    assert [side for side, edge in edges.items() if np.abs(edge - 128).max() <= 3] == [picture.damage.side]


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_progressive_jpeg_without_its_last_scans_lacks_detail(part):
    whole = jpeg(progressive=True)
    assert damage_of(whole[: int(len(whole) * part)]) == 0


def test_progressive_jpeg_that_ends_between_two_scans_lacks_detail():
    whole = jpeg(progressive=True)
    assert damage_of(whole[: whole.rindex(b"\xff\xda")]) == 0
    assert damage_of(whole[: whole.rindex(b"\xff\xda") + 5]) == 0
    assert damage_of(whole[: whole.rindex(b"\xff\xc4") + 9]) == 0


@pytest.mark.parametrize("length", [12, 30, 300, 700])
def test_jpeg_without_any_pixels_is_reported(length):
    with pytest.raises(ImageCorrupt, match="This JPEG is cut short: the photo is missing"):
        rendered(jpeg()[:length])


def test_jpeg_with_something_behind_its_end_marker_is_whole():
    for behind in (bytes(5000), b"SEFT" + bytes(5000), jpeg(64, 64)[:-9] + bytes(5000)):
        assert damage_of(jpeg() + behind) is None


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_file_that_only_begins_like_a_jpeg_is_refused(body):
    with pytest.raises(ImageCorrupt, match="This file is not a JPEG, although it begins like one"):
        rendered(body)


@pytest.mark.parametrize("row", formats.FORMATS, ids=lambda row: row.name)
def test_header_that_cannot_be_read_is_never_called_a_lower_part(row):
    for offset, magic in row.signatures:
        body = bytes(offset) + magic + b"Dear Ada, here are the photos. " * 90
        with pytest.raises(Exception, match=r"^(?!.*lower part)"):
            rendered(body)


def test_preview_inside_a_raw_may_lack_its_end_marker():
    raw = b"FUJIFILMCCD-RAW 0201" + bytes(64)
    assert damage_of(raw + jpeg()[:-2]) is None
    assert abs(damage_of(raw + jpeg()[: len(jpeg()) // 2]) - 50) <= 3


def test_one_decode_at_a_time_is_held():
    body = encoded(scene(), subsampling="4:4:4").getvalue()[:-2]  # 1.6 megapixels at 8 bytes
    with rendered(body, Limits(budget=MemoryBudget(13 * MEGA))) as picture:
        assert picture.damage is None
