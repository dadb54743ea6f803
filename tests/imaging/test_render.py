import io
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.errors import ImageCorrupt, ImageError, ImageTooLarge, ImageUnsupported
from app.imaging import render as render_module
from app.imaging.flat import Flat
from app.imaging.limits import Limits
from app.imaging.render import render, resize
from app.imaging.source import open_source
from app.imaging.variants import LADDER, VariantSpec, by_name, sibling
from tests.support.pictures import BLUE, GREEN, RED, YELLOW, corners, encoded, pixels, scene, with_orientation

MEDIUM, THUMB = by_name("medium"), by_name("thumb")
KINDS = ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF"]


def corner_colours(image: Image.Image) -> list[tuple[int, ...]]:
    width, height = image.size
    spots = ((0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8))
    return [image.convert("RGB").getpixel((int(width * x), int(height * y))) for x, y in spots]


def assert_upright(image: Image.Image, tolerance: int = 8) -> None:
    for found, expected in zip(corner_colours(image), (RED, GREEN, BLUE, YELLOW), strict=True):
        assert np.abs(np.subtract(found, expected)).max() <= tolerance


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_becomes_progressive_jpegs_of_the_right_size(kind):
    with render(encoded(corners(), kind), LADDER) as picture:
        assert (picture.width, picture.height, picture.format.name) == (1600, 1000, kind.lower())
        assert tuple(rendition.spec for rendition in picture.renditions) == LADDER
        for rendition in picture.renditions:
            body = rendition.stream.read()
            image = Image.open(io.BytesIO(body), formats=["JPEG"])
            assert image.info["progressive"]
            assert image.size == (rendition.width, rendition.height)
            assert (rendition.size, rendition.mime, rendition.extension) == (len(body), "image/jpeg", "jpg")
            assert_upright(image)


def test_the_sizes_are_those_of_the_specs():
    with render(encoded(corners(3000, 2000)), [MEDIUM, THUMB]) as picture:
        assert [(each.width, each.height) for each in picture.renditions] == [(1200, 800), (200, 200)]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_every_exif_orientation_comes_out_upright(kind, orientation):
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    upright = corners(1600, 1040)
    stored = upright.transpose(Image.Transpose(undo[orientation])) if orientation > 1 else upright
    exif = with_orientation(orientation)
    with render(encoded(stored, kind, exif=exif), LADDER) as picture:
        assert (picture.width, picture.height) == (1600, 1040)
        for rendition in picture.renditions:
            assert_upright(Image.open(rendition.stream), tolerance=12)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_the_eight_orientations_look_the_same_to_a_grey_level(kind):
    undo, upright, first = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}, scene(1400, 1000), None
    for orientation in range(1, 9):
        stored = upright.transpose(Image.Transpose(undo[orientation])) if orientation > 1 else upright
        with render(encoded(stored, kind, exif=with_orientation(orientation)), [MEDIUM]) as picture:
            found = pixels(Image.open(picture.renditions[0].stream))
        first = found if first is None else first
        assert np.abs(found - first).mean() <= 1


@pytest.mark.parametrize("name", ["webp", "avif"])
def test_other_formats_have_no_metadata_either(name):
    exif = Image.Exif()
    exif[0x010E] = "SECRET place"
    spec = sibling(MEDIUM, name)
    with render(encoded(corners(), exif=exif), [spec]) as picture:
        (rendition,) = picture.renditions
        body = rendition.stream.read()
    assert (rendition.mime, rendition.extension, spec.name) == (f"image/{name}", name, f"medium_{name}")
    assert b"SECRET" not in body
    assert_upright(Image.open(io.BytesIO(body)))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "I;16"])
def test_large_pictures_are_converted_in_bands_without_seams(mode):
    ramp = Image.linear_gradient("L").resize((1500, 1300))
    if mode == "I;16":
        image = Image.fromarray(np.asarray(ramp).astype(np.uint16) * 257)
    else:
        image = ramp.convert(mode) if mode != "RGBA" else ramp.convert("RGB").convert("RGBA")
    with render(encoded(image, "PNG"), [replace(MEDIUM, width=150)]) as picture:
        found = pixels(Image.open(picture.renditions[0].stream))
    assert np.abs(found - pixels(ramp.resize((150, 130), Image.Resampling.BOX))).max() <= 4


def test_small_pictures_stay_small():
    with render(encoded(scene(150, 90)), LADDER) as picture:
        sizes = {each.spec.name: (each.width, each.height) for each in picture.renditions}
    assert sizes["medium"] == (150, 90)
    assert sizes["thumb"] == (90, 90)


def test_a_panorama_fills_its_thumb():
    with render(encoded(scene(6000, 400)), [MEDIUM, THUMB]) as picture:
        medium, thumb = picture.renditions
        assert (medium.width, medium.height) == (1200, 80)
        assert (thumb.width, thumb.height) == (200, 200)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_transparent_pixels_get_a_white_background(mode):
    image = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    stream = encoded(image.convert(mode) if mode != "PA" else image.quantize(), "PNG")
    with render(stream, [THUMB]) as picture:
        assert Image.open(picture.renditions[0].stream).convert("RGB").getpixel((50, 50)) == (255, 255, 255)


def test_no_metadata_reaches_a_variant():
    exif = Image.Exif()
    exif[0x010E] = "SECRET place"
    stream = encoded(scene(900, 600), "JPEG", exif=exif, comment=b"SECRET", xmp=b"<x>SECRET</x>", icc_profile=b"SECRET")
    with render(stream, LADDER) as picture:
        for rendition in picture.renditions:
            body = rendition.stream.read()
            assert b"SECRET" not in body
            assert not {"exif", "xmp", "comment", "icc_profile"} & set(Image.open(io.BytesIO(body)).info)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "JPEG"])
@pytest.mark.parametrize("part", [0.3, 0.9])
def test_a_file_cut_short_is_never_shown_as_if_whole(kind, part):
    whole = encoded(scene(800, 600), kind).getvalue()
    with pytest.raises(ImageCorrupt, match=f"This {'WebP' if kind == 'WEBP' else kind} is "):
        render(io.BytesIO(whole[: int(len(whole) * part)]), LADDER)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", ImageUnsupported),
        (b"just words " * 20, ImageUnsupported),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n" * 20, ImageUnsupported),
        (b"\xff\xd8\xff\xe0" + b"\0" * 500, ImageCorrupt),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 500, ImageCorrupt),
        (b"GIF89a" + b"\0" * 3, ImageCorrupt),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 90, ImageCorrupt),
    ],
)
def test_unknown_or_damaged_picture_raises_a_named_error(body, error):
    with pytest.raises(error):
        render(io.BytesIO(body), LADDER)


def test_a_picture_over_the_limit_is_refused_with_both_numbers():
    stream = encoded(Image.new("1", (3000, 2000)), "PNG")
    with pytest.raises(ImageTooLarge, match=r"This PNG is 6 megapixels; the limit is 5\."):
        render(stream, LADDER, Limits(max_megapixels=5))


def test_renditions_made_before_a_failure_are_closed(monkeypatch):
    made, original = [], render_module._memory_file

    def third_fails(name):
        if len(made) == 2:
            raise OSError("no descriptors left")
        made.append(original(name))
        return made[-1]

    monkeypatch.setattr(render_module, "_memory_file", third_fails)
    with pytest.raises(ImageError):
        render(encoded(scene(900, 600)), LADDER)
    assert [stream.closed for stream in made] == [True, True]


def test_errors_do_not_contain_file_paths(tmp_path):
    path = tmp_path / "secret.png"
    path.write_bytes(encoded(scene(300, 300), "PNG").getvalue()[:5000])
    with path.open("rb") as stream, pytest.raises(ImageError) as caught:
        render(stream, LADDER)
    assert str(tmp_path) not in caught.value.message


def test_thumbhash_is_short_and_differs_between_pictures():
    hashes = []
    for image in (scene(seed=1), scene(seed=2), scene(500, 2000)):
        with render(encoded(image), [THUMB]) as picture:
            hashes.append(picture.thumbhash)
    assert all(5 <= len(each) <= 30 for each in hashes)
    assert len(set(hashes)) == 3


@pytest.mark.parametrize(
    "mode", ["RGB", "RGBA", "L", "LA", "P", "PA", "1", "CMYK", "YCbCr", "HSV", "I;16", "I", "F", "LAB"]
)
def test_resize_takes_every_mode(mode):
    image = Image.new(mode, (640, 480)) if mode in ("I;16", "LAB", "PA") else scene(640, 480).convert("L").convert(mode)
    result = Image.open(resize(image, (320, None), 85, crop=False))
    assert (result.format, result.size, result.info["progressive"]) == ("JPEG", (320, 240), 1)


@pytest.mark.parametrize(
    ("size", "crop", "expected"),
    [
        ((200, 200), True, (200, 200)),
        ((200, 200), False, (200, 125)),
        ((4000, None), False, (1600, 1000)),
        ((None, 500), False, (800, 500)),
    ],
)
def test_resize_fits_or_crops_and_never_grows(size, crop, expected):
    assert Image.open(resize(scene(), size, 80, crop)).size == expected


def test_resize_does_not_change_its_image():
    image = scene(640, 480)
    before = pixels(image)
    resize(image, (640, 480), 85, crop=False)
    assert (pixels(image) == before).all()


def test_sixteen_bits_keep_their_tones():
    ramp = np.tile(np.linspace(0, 65535, 512).astype(np.uint16), (512, 1))
    stream = encoded(Image.fromarray(ramp), "PNG")
    with render(stream, [MEDIUM]) as picture:
        row = pixels(Image.open(picture.renditions[0].stream))[256, :, 0]
    assert np.abs(row - np.linspace(0, 255, 512)).max() <= 3


@pytest.mark.parametrize(
    ("width", "least"),
    [
        (2400, 1261),  # libjpeg halves to 1200, and nothing would be left to resize
        (2520, 1260),
        (4800, 1261),
        (1300, 1300),
        (900, 900),
    ],
)
def test_a_jpeg_is_decoded_larger_than_its_largest_variant(width, least):
    source = open_source(encoded(scene(width, width // 2)), Limits())
    with source.decode(render_module._needed(source, [MEDIUM, THUMB])) as raster:
        assert raster.size[0] >= least


def step(width: int) -> Image.Image:
    """Dark on the left, bright on the right."""
    image = Image.new("L", (width, width // 2), 80)
    image.paste(170, (width // 2, 0, width, width // 2))
    return image


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "L"), ("JPEG", "RGB"), ("JPEG", "L")]
)
@pytest.mark.parametrize(("width", "sharpened"), [(1200, False), (1000, False), (1202, True), (2600, True)])
def test_only_resized_renditions_are_sharpened(kind, mode, width, sharpened):
    stream = encoded(step(width).convert(mode), kind, **({"quality": 98} if kind == "JPEG" else {}))
    with render(stream, [replace(MEDIUM, quality=98)]) as picture:
        found = pixels(Image.open(picture.renditions[0].stream))
    assert bool(found.min() < 70 and found.max() > 180) is sharpened  # sharpening overshoots on both sides of an edge


@pytest.mark.parametrize(("size", "sharpened"), [((1200, None), False), ((600, None), True)])
def test_resize_sharpens_only_when_it_reduces(size, sharpened):
    found = pixels(Image.open(resize(step(1200), size, 98, crop=False)))
    assert bool(found.min() < 70 and found.max() > 180) is sharpened


@pytest.mark.parametrize(
    ("orientation", "specs", "expected"),
    [
        (1, [VariantSpec("thumb", 20, 20, True, 75)], (252, 21)),  # a crop needs the whole panorama at its height
        (6, [VariantSpec("thumb", 20, 20, True, 75)], (252, 21)),
        (1, [VariantSpec("strip", 600, None, False, 75)], (630, 53)),
        (6, [VariantSpec("strip", 50, None, False, 75)], (630, 53)),
        (1, [VariantSpec("strip", 600, None, False, 75), VariantSpec("thumb", 90, 90, True, 75)], (1134, 95)),
        (1, [], (26, 26)),
    ],
)
def test_no_more_is_decoded_than_the_variants_need(orientation, specs, expected):
    source = open_source(encoded(Image.new("L", (1200, 100)), "PNG", exif=with_orientation(orientation)), Limits())
    assert render_module._needed(source, specs) == expected


@pytest.mark.parametrize(("size", "expected"), [((1200, 1), (1260, 2)), ((1, 1200), (2, 1260))])
def test_a_line_is_decoded_as_a_line(size, expected):
    source = open_source(encoded(Image.new("L", size), "PNG"), Limits())
    assert render_module._needed(source, [VariantSpec("line", 600, 600, False, 75)]) == expected


@pytest.mark.parametrize(
    ("covering", "chosen"),
    [
        ((400, 200), 480),
        ((401, 200), 1200),
        ((400, 201), 1200),
        ((1000, 500), 1200),
        ((1001, 500), 2400),
        ((9999, 1), 2400),
    ],
)
def test_variant_is_scaled_from_the_smallest_image_that_is_large_enough(covering, chosen):
    levels = [Flat(Image.new("1", (width, width // 2)), (width, width / 2)) for width in (2400, 1200, 480)]
    assert render_module._smallest_sufficient(levels, covering).size[0] == chosen


def test_streams_are_closed_with_their_picture():
    with render(encoded(scene(150, 90)), LADDER) as picture:
        streams = [rendition.stream for rendition in picture.renditions]
        assert not any(stream.closed for stream in streams)
    assert all(stream.closed for stream in streams)


def test_picture_of_no_variants_has_its_thumbhash_and_size():
    with render(encoded(scene(150, 90)), []) as picture:
        assert (picture.renditions, picture.width, picture.height) == ((), 150, 90)
        assert len(picture.thumbhash) >= 5


def test_variant_lies_in_memory_under_its_name():
    with render(encoded(scene(150, 90)), [THUMB]) as picture:
        place = Path(f"/proc/self/fd/{picture.renditions[0].stream.fileno()}").readlink()
    assert str(place).startswith("/memfd:thumb")


def test_variant_lies_in_a_file_where_there_is_no_memory_for_it(monkeypatch):
    monkeypatch.delattr(os, "memfd_create")
    with render(encoded(scene(150, 90)), [THUMB]) as picture:
        assert Image.open(picture.renditions[0].stream).size == (90, 90)


def test_resized_image_is_ready_to_be_read():
    assert resize(scene(150, 90), (50, None), 80, crop=False).read(3) == b"\xff\xd8\xff"


@pytest.mark.parametrize(("year", "believed"), [(2020, False), (2025, True)])
def test_capture_date_after_the_time_of_the_clock_is_not_believed(year, believed):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2024:06:01 17:30:05"
    now = datetime(year, 1, 1, tzinfo=UTC)
    with render(encoded(scene(150, 90), exif=exif), [THUMB], clock=lambda: now) as picture:
        assert (picture.metadata.taken_at is not None) is believed


@pytest.mark.parametrize(
    "spec", [MEDIUM, sibling(MEDIUM, "webp"), sibling(MEDIUM, "avif")], ids=lambda spec: spec.format
)
def test_variant_takes_more_bytes_at_a_higher_quality(spec):
    specs = [replace(spec, quality=quality) for quality in (30, 60, 90)]
    with render(encoded(scene(300, 200)), specs) as picture:
        sizes = [rendition.size for rendition in picture.renditions]
    assert sizes == sorted(set(sizes))
