"""Images of any mode become one that can be resized, and then one that an encoder takes."""

import numpy as np
import pytest
from PIL import Image

from app.imaging.flat import SHARPEN, Flat, normalise, turn
from tests.support.pictures import pixels, scene

MODES = {
    **{mode: mode for mode in ("RGB", "RGBA", "L", "LA", "CMYK", "LAB")},
    **dict.fromkeys(("P", "YCbCr", "HSV", "RGBX"), "RGB"),
    **dict.fromkeys(("1", "I;16", "I;16B", "I", "F"), "L"),
    **{"PA": "RGBA", "RGBa": "RGBA", "La": "LA"},
}


@pytest.mark.parametrize(("mode", "expected"), MODES.items())
def test_every_mode_becomes_one_that_can_be_resized(mode, expected):
    assert normalise(Image.new(mode, (4, 4))).mode == expected


@pytest.mark.parametrize(
    ("mode", "transparency", "expected"),
    [
        ("L", 0, ("LA", (0, 0))),
        ("L", 9, ("LA", (0, 255))),
        ("RGB", (0, 0, 0), ("RGBA", (0, 0, 0, 0))),
        ("P", 0, ("RGBA", (0, 0, 0, 0))),
        ("1", 0, ("L", 0)),
        ("I;16", 0, ("L", 0)),
    ],
)
def test_colour_that_stands_for_transparency_becomes_transparent(mode, transparency, expected):
    """Pillow cannot convert a transparent level of one or sixteen bits: it stays opaque."""
    image = Image.new(mode, (4, 4))
    image.info["transparency"] = transparency
    found = normalise(image)
    assert (found.mode, found.getpixel((1, 1))) == expected


@pytest.mark.parametrize(
    ("mode", "tones", "expected"),
    [
        ("I;16", [0, 128 * 257, 32767, 32768, 65535], [0, 128, 127, 128, 255]),
        ("I;16B", [0, 128 * 257, 65535], [0, 128, 255]),
        ("I", [0, 1, 1], [0, 255, 255]),
        ("I", [0, 128, 255], [0, 128, 255]),
        ("I", [0, 257, 65535], [0, 1, 255]),
        ("I", [0, 51_400, 131_070], [0, 100, 255]),
        ("F", [0.0, 0.5, 1.0], [0, 127, 255]),
        ("F", [0.0, 0.4, 256.0], [0, 0, 0]),
    ],
)
def test_tones_of_many_bits_keep_their_proportions(mode, tones, expected):
    image = Image.new(mode, (len(tones), 1))
    for number, tone in enumerate(tones):
        image.putpixel((number, 0), tone)
    assert list(normalise(image).tobytes()) == expected


@pytest.mark.parametrize("factor", [2, 3, 5])
def test_bands_of_a_tall_image_join_without_a_seam(factor):
    image = scene(90, 1100).convert("RGBA").convert("RGBa")
    found = Flat.of(image, image.size, None, (90 // (2 * factor), 1))
    assert found.image.tobytes() == image.convert("RGBA").reduce(factor).tobytes()


@pytest.mark.parametrize(
    ("size", "needed", "reduced", "extent"),
    [
        ((400, 300), (100, 30), (200, 150), (200, 150)),
        ((400, 300), (40, 50), (134, 100), (400 / 3, 100)),
        ((199, 300), (50, 30), (199, 300), (199, 300)),
        ((40, 30), (100, 100), (40, 30), (40, 30)),
    ],
)
def test_converted_image_is_at_least_twice_what_is_needed(size, needed, reduced, extent):
    found = Flat.of(Image.new("P", size), size, None, needed)
    assert (found.size, found.extent) == (reduced, extent)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK", "LAB"])
def test_image_that_can_be_resized_is_not_copied(mode):
    image = Image.new(mode, (400, 300))
    found = Flat.of(image, (399.5, 299.5), None, (10, 10))
    assert (found.image, found.extent) == (image, (399.5, 299.5))


def test_part_inside_the_box_is_resized():
    flat = Flat(Image.new("L", (40, 20), 10), (40, 20))
    flat.image.paste(200, (20, 0, 40, 20))
    left, right = (flat.shrink((5, 5), box) for box in ((0, 0, 20, 20), (20, 0, 40, 20)))
    assert (left.image.getpixel((2, 2)), right.image.getpixel((2, 2))) == (10, 200)
    assert (right.size, right.extent) == ((5, 5), (5, 5))


def test_padding_of_a_decode_is_left_out():
    image = Image.new("L", (40, 20), 10)
    image.paste(200, (30, 0, 40, 20))
    assert Flat(image, (30, 20)).shrink((3, 2)).image.getextrema()[1] < 40


@pytest.mark.parametrize(
    ("mode", "level", "expected"),
    [
        ("RGBA", (200, 30, 30, 255), (200, 30, 30)),
        ("RGBA", (200, 30, 30, 0), (255, 255, 255)),
        ("LA", (100, 255), 100),
        ("LA", (100, 0), 255),
        ("RGB", (200, 30, 30), (200, 30, 30)),
    ],
)
@pytest.mark.parametrize("sharpen", [True, False])
def test_even_picture_keeps_its_colour_on_white(mode, level, expected, sharpen):
    found = Flat(Image.new(mode, (9, 9), level), (9, 9)).finish(sharpen=sharpen)
    assert (found.mode, found.getpixel((4, 4))) == ("L" if mode == "LA" else "RGB", expected)


@pytest.mark.parametrize("quarters", range(4))
def test_sharpening_is_the_same_in_every_direction(quarters):
    image = scene(64, 64)
    turned = image.rotate(90 * quarters).filter(SHARPEN).rotate(-90 * quarters)
    assert (pixels(turned)[1:-1, 1:-1] == pixels(image.filter(SHARPEN))[1:-1, 1:-1]).all()


@pytest.mark.parametrize(
    ("orientation", "expected"),
    [
        (0, "ab cd ef"), (1, "ab cd ef"), (2, "ba dc fe"), (3, "fe dc ba"), (4, "ef cd ab"),
        (5, "ace bdf"), (6, "eca fdb"), (7, "fdb eca"), (8, "bdf ace"), (9, "ab cd ef"),
    ],
)  # fmt: skip
def test_image_is_turned_as_exif_says(orientation, expected):
    found = np.asarray(turn(Image.frombytes("L", (2, 3), b"abcdef"), orientation))
    assert " ".join(bytes(row).decode() for row in found) == expected
