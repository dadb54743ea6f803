"""Colours named without a profile match Chromium within a CIEDE2000 difference of 2."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from app.imaging import bmp_profile, boxes, code_points, formats
from app.imaging.code_points import CodePoints
from app.imaging.render import render, resize
from app.imaging.spaces import ADOBE_RGB, Curve, matrix_profile
from app.imaging.variants import by_name
from tests.support.named_colours import (
    COLOURS,
    MIDDLES,
    NAMED,
    bmp,
    cicp,
    distance,
    drawn,
    gama,
    levels,
    picked,
    png,
    strip,
)
from tests.support.photos import TINY
from tests.support.pictures import encoded, pixels

MEDIUM = [by_name("medium")]


def shown(data: bytes) -> Image.Image:
    with render(io.BytesIO(data), MEDIUM) as picture:
        return Image.open(picture.renditions[0].stream).convert("RGB")


@pytest.mark.parametrize("name", NAMED)
def test_named_colour_matches_chromium(name):
    assert distance(picked(shown(NAMED[name])), drawn(name)) < 2


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "I;16"])
def test_gamma_counts_in_every_mode_of_a_png(mode):
    grey = Image.new("L", (64, 64), 128)
    image = Image.fromarray(np.full((64, 64), 128 * 257, np.uint16)) if mode == "I;16" else grey.convert(mode)
    assert np.abs(pixels(shown(png(gama(100_000), image=image)))[32, 32] - 188).max() <= 1


def test_resized_image_follows_its_gamma_too():
    image = Image.open(io.BytesIO(png(gama(100_000))))
    found = picked(Image.open(resize(image, (len(COLOURS) * 32, None), 95, False)))
    assert distance(found, drawn("PNG, gamma 1")) < 2


def test_png_prefers_numbers_and_then_a_profile_that_can_be_read():
    adobe = matrix_profile("Adobe RGB", ADOBE_RGB, Curve(2.2))
    whole, cut = (encoded(strip(), "PNG", icc_profile=profile).getvalue() for profile in (adobe, adobe[:200]))
    profiled, numbered, damaged = (
        picked(shown(_with(data, chunk)))
        for data, chunk in ((whole, gama(100_000)), (whole, cicp(12, 13)), (cut, gama(100_000)))
    )
    assert distance(profiled, drawn("PNG, gamma 1")) > 5
    assert distance(numbered, drawn("PNG, cICP of P3 beside sRGB")) < 2
    assert distance(damaged, drawn("PNG, gamma 1")) < 2


def _with(plain: bytes, chunk: tuple[bytes, bytes]) -> bytes:
    name, body = chunk
    return plain[:33] + png((name, body))[33 : 45 + len(body)] + plain[33:]


@pytest.mark.parametrize(("primaries", "transfer"), [(12, 13), (9, 16), (9, 18)])
def test_heic_follows_the_same_numbers_as_a_png(primaries, transfer):
    at = TINY.index(b"nclx") + 4
    found = shown(TINY[:at] + struct.pack(">HH", primaries, transfer) + TINY[at + 4 :])
    expected = shown(png(cicp(primaries, transfer), image=shown(TINY)))
    spots = [(20, 15), (76, 15), (20, 48), (76, 48)]
    values = [np.array([each.getpixel(spot) for spot in spots], float) for each in (found, expected)]
    assert distance(*values) < 3  # one JPEG more on one of the two ways


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (png(cicp(9, 16), levels(400)), {"cicp": CodePoints(9, 16, 400)}),
        (png(cicp(9, 16), levels(0)), {"cicp": CodePoints(9, 16, 1000)}),
        (png(cicp(9, 16, matrix=9)), {}),
        (png(cicp(9, 99)), {}),
        (png((b"cICP", b"\x09")), {}),
        (png(cicp(9, 16), (b"cLLI", b"\1"), (b"mDCV", b"\1\2")), {"cicp": CodePoints(9, 16, 1 / 10_000)}),
        (png()[:40], {}),
        (b"", {}),
    ],
)
def test_chunks_are_read_as_far_as_they_make_sense(data, expected):
    assert code_points.read(io.BytesIO(data), formats.PNG) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (bmp(0x4D424544, profile=b"x" * 300), {"icc_profile": b"x" * 300}),
        (bmp(0x4D424544, profile=b"x" * 300)[:-300], {}),
        (bmp(0x4C494E4B, profile=b"C:/a.icc"), {}),
        (bmp(0x4D424544, profile=b"x" * 5_000_000), {}),
        (encoded(strip(), "BMP").getvalue(), {}),
        (b"BM", {}),
    ],
    ids=["embedded", "cut off", "linked", "too long", "of version 3", "nothing"],
)
def test_profile_of_a_bmp_is_read_where_there_is_one(data, expected):
    assert bmp_profile.read(io.BytesIO(data)) == expected


@pytest.mark.parametrize("length", [0, 7, 12, 40, 60, 120, 200, 300, 400])
def test_truncated_boxes_are_ignored(length):
    assert code_points.read(io.BytesIO(TINY[:length]), formats.HEIC) in ({}, {"nclx": CodePoints(1, 13)})


def test_colour_of_the_tiles_is_that_of_the_picture():
    owned, at = b"\x04\x81\x02\x03\x04", TINY.index(b"nclx") + 4
    data = (TINY[:at] + struct.pack(">HH", 12, 16) + TINY[at + 4 :]).replace(owned, b"\x04\x81\x03\x03\x04")
    assert code_points.read(io.BytesIO(data), formats.HEIC) == {"nclx": CodePoints(12, 16)}


@pytest.mark.parametrize("seed", range(30))
def test_random_boxes_are_read_without_looping(seed):
    random = np.random.default_rng(seed)
    data = bytearray(TINY)
    for place in random.integers(0, 420, 12):
        data[place] = random.integers(0, 256)
    boxes.properties(io.BytesIO(bytes(data)))
    boxes.are_whole(io.BytesIO(bytes(data)))


def test_tones_above_white_keep_their_order_and_hue():
    """An orange of rising brightness in PQ: never darker, never of another hue until it is white."""
    ramp = np.array([[(level, int(level * 0.9), int(level * 0.8)) for level in range(60, 200, 4)]] * 16, np.uint8)
    row = pixels(shown(png(cicp(9, 16), image=Image.fromarray(ramp).resize((35 * 16, 16), 0))))[8, 8::16]
    assert (np.diff(row[:, 0]) >= -2).all()
    assert (row[:, 0] >= row[:, 1] - 2).all()
    assert (row[:, 1] >= row[:, 2] - 2).all()


def test_the_squares_are_as_many_as_the_colours():
    assert [tuple(strip().getpixel(place)) for place in MIDDLES] == list(COLOURS)
