"""Colour comes out as it went in, by CIEDE2000 against the profile's own formulas: a mean of 1.5 is just noticeable."""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from app.imaging import colour
from app.imaging.exif import Exif
from app.imaging.render import render
from app.imaging.spaces import ADOBE_RGB, Curve, matrix_profile
from app.imaging.variants import by_name
from tests.imaging.inks import press_profile
from tests.support.delta_e import ADOBE as ADOBE_MATRIX
from tests.support.delta_e import P3, PROPHOTO, delta_e, encode, lab, srgb_to_xyz
from tests.support.pictures import encoded, pixels, scene

SPACES = {
    "Display P3 (gamma 2.2)": (P3, 2.2),
    "Adobe RGB": (ADOBE_MATRIX, 563 / 256),
    "ProPhoto": (PROPHOTO, 1.8),
}
NO_EXIF = Exif({}, {}, {})


def chart() -> Image.Image:
    """Smooth colour of every hue and brightness, 600 x 400."""
    y, x = np.mgrid[0:400, 0:600]
    hue, value = x / 600 * 2 * np.pi, 40 + y / 400 * 160
    channels = [value * (1 + 0.55 * np.sin(hue + shift)) for shift in (0, 2.1, 4.2)]
    return Image.fromarray(np.stack(channels, axis=-1).clip(8, 247).astype(np.uint8))


def profile_of(name: str) -> bytes:
    matrix, gamma = SPACES[name]
    return matrix_profile(name, tuple(tuple(column) for column in matrix.T), Curve(gamma))


def shown(stream: io.BytesIO) -> Image.Image:
    with render(stream, [by_name("medium")]) as picture:
        return Image.open(picture.renditions[0].stream).convert("RGB")


def difference(image: Image.Image, expected: Image.Image) -> float:
    found, wanted = (lab(srgb_to_xyz(pixels(each).astype(float))) for each in (image, expected))
    return float(delta_e(found, wanted).mean())


def in_space(image: Image.Image, name: str) -> Image.Image:
    values = encode(srgb_to_xyz(pixels(image).astype(float)), *SPACES[name])
    return Image.fromarray((values * 255).round().astype(np.uint8))


def test_delta_e_agrees_with_published_values():
    """Three of the pairs that Sharma, Wu and Dalal published to test implementations with."""
    first = np.array([[50.0, 2.6772, -79.7751], [50.0, -1.3802, -84.2814], [2.0776, 0.0795, -1.1350]])
    second = np.array([[50.0, 0.0, -82.7485], [50.0, 0.0, -82.7485], [0.9033, -0.0636, -0.5514]])
    assert delta_e(first, second) == pytest.approx([2.0425, 1.0, 0.9082], abs=1e-4)


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF"])
def test_profiles_are_followed_in_every_format(kind, name):
    params = {"JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"lossless": True}, "AVIF": {"quality": 95}}
    stream = encoded(in_space(chart(), name), kind, icc_profile=profile_of(name), **params.get(kind, {}))
    assert difference(shown(stream), chart()) < 1.5


def test_without_the_profile_the_same_picture_would_be_visibly_wrong():
    assert difference(shown(encoded(in_space(chart(), "ProPhoto"), "PNG")), chart()) > 5


@pytest.mark.parametrize("says", ["ColorSpace", "InteropIndex"])
def test_adobe_rgb_by_exif_alone_is_followed(says):
    exif = Image.Exif()
    photo = exif.get_ifd(0x8769)
    if says == "ColorSpace":
        photo[0xA001] = 2
    else:
        photo[0xA001] = 0xFFFF
        photo[0xA005] = {1: "R03"}
    stream = encoded(in_space(chart(), "Adobe RGB"), "JPEG", quality=95, exif=exif)
    assert difference(shown(stream), chart()) < 1.5


def test_srgb_profile_needs_no_conversion():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert colour.resolve({"icc_profile": srgb}, NO_EXIF, "RGB") == (None, None)


@pytest.mark.parametrize(
    ("mode", "profile", "note"),
    [
        ("RGB", b"not a profile at all" * 20, "does not fit"),
        ("RGB", profile_of("ProPhoto")[:200], "is damaged"),
        ("CMYK", profile_of("ProPhoto"), "does not fit"),
        ("RGB", b"x", "does not fit"),
    ],
)
def test_a_broken_profile_is_noted_and_ignored(mode, profile, note):
    with render(encoded(scene(300, 200).convert(mode), "JPEG", icc_profile=profile), [by_name("thumb")]) as picture:
        assert len(picture.notes) == 1
        assert note in picture.notes[0]


def test_grey_keeps_its_tones_through_a_grey_profile():
    grey = bytearray(profile_of("ProPhoto"))
    ramp = Image.linear_gradient("L")
    assert colour.resolve({"icc_profile": bytes(grey)}, NO_EXIF, "L")[0] is not None
    stream = encoded(ramp, "PNG", icc_profile=bytes(grey))
    expected = ((pixels(ramp) / 255.0) ** 1.8).clip(0, 1)
    exact = np.where(expected <= 0.0031308, expected * 12.92, 1.055 * expected ** (1 / 2.4) - 0.055) * 255
    assert np.abs(pixels(shown(stream)) - exact).max() <= 4


def test_cmyk_without_a_profile_looks_natural():
    inks = Image.new("CMYK", (300, 100), (0, 0, 0, 0))
    inks.paste((0, 255, 255, 0), (100, 0, 200, 100))
    inks.paste((0, 0, 0, 255), (200, 0, 300, 100))
    adobe = encoded(inks, "JPEG", quality=95).getvalue()
    marker = adobe.index(b"\xff\xee")
    plain = adobe[:marker] + adobe[marker + 2 + int.from_bytes(adobe[marker + 2 : marker + 4]) :]
    for body in (adobe, plain):
        row = pixels(shown(io.BytesIO(body)))[50]
        assert row[50].min() > 243
        assert row[150, 0] > row[150, 1] + 80
    tiff = pixels(shown(encoded(inks, "TIFF")))[50]
    assert tiff[50].min() > 245
    assert tiff[250].max() < 30


ADOBE = b"\xff\xee\x00\x0eAdobe\x00\x64" + bytes(4)
JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"


PRESS = press_profile()


def cmyk(inks: tuple[int, ...], markers: bytes, profile: bytes | None) -> bytes:
    """One colour as a JPEG of four inks that begins with these markers instead of Adobe's."""
    data = encoded(Image.new("CMYK", (64, 64), inks), "JPEG", quality=95, icc_profile=profile).getvalue()
    marker = data.index(b"\xff\xee")
    bare = data[:marker] + data[marker + 2 + int.from_bytes(data[marker + 2 : marker + 4]) :]
    return bare[:2] + markers + bare[2:]


@pytest.mark.parametrize(
    ("markers", "guessed", "profiled"),
    [
        (b"", (235, 50, 0), (237, 138, 49)),
        (JFIF, (235, 50, 0), (237, 138, 49)),
        (ADOBE + b"\x00", (235, 50, 0), (237, 138, 49)),
        (JFIF + ADOBE + b"\x00", (235, 50, 0), (237, 138, 49)),
        (ADOBE + b"\x02", (164, 0, 118), (193, 86, 128)),
    ],
    ids=["no marker", "JFIF", "Adobe, transform 0", "JFIF beside Adobe", "Adobe, transform 2 (YCCK)"],
)
def test_cmyk_jpeg_matches_chromium(markers, guessed, profiled):
    """The values are those that Chromium 156 draws of these bytes on a canvas, without and with a profile."""
    plain = pixels(shown(io.BytesIO(cmyk((0, 200, 255, 20), markers, None))))[32, 32]
    printed = pixels(shown(io.BytesIO(cmyk((0, 200, 255, 0), markers, PRESS))))[32, 32]
    assert np.abs(plain - guessed).max() <= 3
    assert np.abs(printed - profiled).max() <= 3


@pytest.mark.parametrize(
    ("inks", "printed"),
    [((60, 60, 60, 30), (206, 207, 187)), ((0, 200, 255, 20), (228, 133, 46)), ((0, 0, 0, 255), (0,) * 3)],
)
def test_black_ink_follows_its_profile(inks, printed):
    """The values are ImageMagick's; Chromium mixes black into the other inks before it asks the profile."""
    found = pixels(shown(io.BytesIO(cmyk(inks, ADOBE + b"\x00", PRESS))))[32, 32]
    assert np.abs(found - printed).max() <= 3


def test_the_adobe_rgb_profile_is_one_that_littlecms_reads():
    assert (
        colour.profile_name(matrix_profile("Adobe RGB (compatible)", ADOBE_RGB, Curve(2.2))) == "Adobe RGB (compatible)"
    )


@pytest.mark.parametrize(
    ("embedded", "name"),
    [
        (None, ""),
        (b"", ""),
        (b"x" * 200, ""),
        (profile_of("ProPhoto") + bytes(colour.MAX_PROFILE_BYTES), ""),
        (matrix_profile(" Display\x07 P3\n", ADOBE_RGB, Curve(2.2)), "Display P3"),
        (matrix_profile("P" * 201, ADOBE_RGB, Curve(2.2)), "P" * 200),
    ],
    ids=["none", "empty", "damaged", "too long", "with control characters", "with a long name"],
)
def test_name_of_a_profile_is_text_to_show(embedded, name):
    assert colour.profile_name(embedded) == name


def grey_profile(gamma: float) -> bytes:
    """A grey profile of one curve: the tag of the red one is renamed."""
    return matrix_profile("grey", ADOBE_RGB, Curve(gamma)).replace(b"RGB XYZ ", b"GRAYXYZ ").replace(b"rTRC", b"kTRC")


LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
RGB_MODES = ("RGB", "RGBA", "RGBX", "P", "PA", "YCbCr")
GREY_MODES = ("L", "LA", "1", "I;16")


@pytest.mark.parametrize(
    ("profile", "modes"),
    [
        (profile_of("ProPhoto"), {*RGB_MODES, *GREY_MODES}),
        (grey_profile(1), {*GREY_MODES}),
        (PRESS, {"CMYK"}),
        (LAB, {"LAB"}),
        (profile_of("ProPhoto").ljust(colour.MAX_PROFILE_BYTES, b"\0"), {*RGB_MODES, *GREY_MODES}),
        (profile_of("ProPhoto").ljust(colour.MAX_PROFILE_BYTES + 1, b"\0"), set()),
    ],
    ids=["RGB", "grey", "CMYK", "Lab", "as long as allowed", "too long"],
)
def test_profile_is_followed_in_the_modes_that_it_fits(profile, modes):
    found = {
        mode: colour.resolve({"icc_profile": profile}, NO_EXIF, mode)
        for mode in (*RGB_MODES, *GREY_MODES, "CMYK", "LAB")
    }
    assert {mode for mode, (kept, note) in found.items() if kept and kept.data == profile and note is None} == modes
    assert all("does not fit" in note for mode, (_, note) in found.items() if mode not in modes)


@pytest.mark.parametrize("info", [{}, {"icc_profile": b""}, {"icc_profile": "text"}, {"gamma": 1.0, "srgb": 0}])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_picture_without_a_profile_is_srgb(info, mode):
    assert colour.resolve(info, NO_EXIF, mode) == (None, None)


@pytest.mark.parametrize(
    ("mode", "expected"), [("RGB", colour.ADOBE_RGB), ("YCbCr", colour.ADOBE_RGB), ("L", None), ("CMYK", None)]
)
def test_adobe_rgb_by_exif_is_a_space_of_colours_only(mode, expected):
    assert colour.resolve({}, Exif({}, {0xA001: 2}, {}), mode) == (expected, None)


def test_grey_of_a_grey_profile_is_shown_at_its_brightness():
    found = colour.display(Image.new("L", (2, 2), 55), colour.Profile(grey_profile(1)))
    assert abs(found.convert("RGB").getpixel((0, 0))[1] - 128) <= 1


def test_profiles_are_equal_by_their_bytes():
    same, other = colour.Profile(b"same"), colour.Profile(b"other")
    assert same == colour.Profile(b"same")
    assert hash(same) == hash(colour.Profile(b"same"))
    assert same != other
    assert hash(same) != hash(other)
    assert same != b"same"


def test_lab_without_a_profile_is_converted():
    white, black = (colour.display(Image.new("LAB", (1, 1), (level, 128, 128)), None) for level in (255, 0))
    assert (white.mode, black.mode) == ("RGB", "RGB")
    assert min(white.getpixel((0, 0))) >= 254
    assert max(black.getpixel((0, 0))) <= 1


@pytest.mark.parametrize(("mode", "shown_as"), [("RGB", "RGB"), ("L", "L"), ("CMYK", "RGB")])
def test_displayed_image_is_a_new_one(mode, shown_as):
    image = Image.new(mode, (2, 2))
    found = colour.display(image, None)
    assert (found.mode, found is image) == (shown_as, False)
