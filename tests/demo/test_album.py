"""The demonstration photos: each can be decoded, is the same every time, and is upright."""

from __future__ import annotations

import functools
import io

import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat
from PIL.ExifTags import GPS, IFD, Base

from demo.album import ALBUM, COAST, NIGHT, DemoPhoto, draw, upright

TINY = 0.03

every_photo = pytest.mark.parametrize("photo", ALBUM, ids=lambda photo: photo.filename)


@functools.cache
def file_of(photo: DemoPhoto) -> bytes:
    out = io.BytesIO()
    draw(photo, out, TINY)
    return out.getvalue()


@every_photo
def test_a_photo_is_the_same_every_time(photo: DemoPhoto) -> None:
    assert file_of(photo) == file_of.__wrapped__(photo)


@every_photo
def test_photo_with_orientation_tag_is_upright(photo: DemoPhoto) -> None:
    with Image.open(io.BytesIO(file_of(photo))) as stored:
        assert stored.getexif()[Base.Orientation] == photo.orientation
        shown = ImageOps.exif_transpose(stored).convert("RGB")
    meant = upright(photo, TINY)
    assert shown.size == meant.size
    apart = ImageStat.Stat(ImageChops.difference(shown, meant).reduce(4)).mean
    assert max(apart) < 12


@every_photo
def test_photo_is_not_blank(photo: DemoPhoto) -> None:
    with Image.open(io.BytesIO(file_of(photo))) as stored:
        assert max(ImageStat.Stat(stored).stddev) > 8


@every_photo
def test_photos_have_camera_metadata(photo: DemoPhoto) -> None:
    with Image.open(io.BytesIO(file_of(photo))) as stored:
        exif = stored.getexif()
    details = exif.get_ifd(IFD.Exif)
    assert exif[Base.Model] == "Proofsheet Demo"
    assert details[Base.DateTimeOriginal] == f"{photo.taken:%Y:%m:%d %H:%M:%S}"
    assert details[Base.OffsetTimeOriginal] == "+02:00"
    assert float(details[Base.FNumber]) == pytest.approx(photo.exposure[0])
    assert float(details[Base.ExposureTime]) == pytest.approx(photo.exposure[1], rel=0.02)
    assert details[Base.LensModel] == photo.lens


def test_album_has_the_difficult_cases_of_a_gallery() -> None:
    assert len(ALBUM) >= 26
    assert {1, 3, 6, 8} < {photo.orientation for photo in ALBUM}
    assert {2, 4, 5, 7} & {photo.orientation for photo in ALBUM}
    assert all(photo.size[0] * photo.size[1] >= 12_000_000 for photo in ALBUM)
    assert any(photo.size[0] >= 4 * photo.size[1] for photo in ALBUM)
    assert any(not photo.filename.isascii() for photo in ALBUM)


def test_names_and_times_are_unique_and_both_collections_are_filled() -> None:
    assert len({photo.filename for photo in ALBUM}) == len(ALBUM)
    assert len({photo.taken for photo in ALBUM}) == len(ALBUM)
    assert len({photo.taken.date() for photo in ALBUM}) == 2
    assert {photo.album for photo in ALBUM} == {COAST, NIGHT}


def test_some_photos_have_a_location() -> None:
    placed = [photo for photo in ALBUM if photo.place]
    assert placed
    for photo in placed:
        with Image.open(io.BytesIO(file_of(photo))) as stored:
            position = stored.getexif().get_ifd(IFD.GPSInfo)
        degrees, minutes, seconds = (float(part) for part in position[GPS.GPSLatitude])
        assert photo.place is not None
        assert degrees + minutes / 60 + seconds / 3600 == pytest.approx(abs(photo.place[0]), abs=1e-4)
