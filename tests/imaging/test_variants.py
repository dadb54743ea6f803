from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imaging.variants import AT_UPLOAD, LADDER, VariantSpec, by_key, by_name, crop_box, every, family, fit, sibling

MEDIUM, THUMB = by_name("medium"), by_name("thumb")
INSIDE = VariantSpec("inside", 2048, 2048, crop=False, quality=82)


@pytest.mark.parametrize(
    ("spec", "source", "expected"),
    [
        (MEDIUM, (6000, 4000), (1200, 800)),
        (MEDIUM, (4000, 6000), (1200, 1800)),
        (MEDIUM, (1200, 700), (1200, 700)),
        (MEDIUM, (800, 3000), (800, 3000)),
        (MEDIUM, (20000, 3), (1200, 1)),
        (MEDIUM, (1, 1), (1, 1)),
        (INSIDE, (6000, 4000), (2048, 1365)),
        (INSIDE, (4000, 6000), (1365, 2048)),
        (INSIDE, (2000, 1000), (2000, 1000)),
        (THUMB, (6000, 4000), (200, 200)),
        (THUMB, (12000, 1000), (200, 200)),
        (THUMB, (150, 100), (100, 100)),
        (THUMB, (1, 5000), (1, 1)),
        (replace(THUMB, width=None), (300, 400), (300, 200)),
        (replace(THUMB, height=None), (300, 400), (200, 400)),
        (replace(MEDIUM, width=None), (3000, 2000), (3000, 2000)),
    ],
)
def test_sizes_follow_the_spec_and_never_grow(spec, source, expected):
    assert fit(spec, *source) == expected


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ((600, 400), (200, 200), (100, 0, 500, 400)),
        ((400, 600), (200, 200), (0, 100, 400, 500)),
        ((1200, 800), (600, 400), (0, 0, 1200, 800)),
        ((1000.5, 500.5), (100, 100), (250, 0, 750.5, 500.5)),
    ],
)
def test_the_crop_is_the_largest_centred_part(source, target, expected):
    assert crop_box(source, target) == pytest.approx(expected)


@given(st.integers(1, 20000), st.integers(1, 20000), st.integers(1, 8), st.sampled_from(LADDER))
def test_the_crop_never_leaves_the_picture(width, height, scale, spec):
    source = (width / scale, height / scale)
    left, top, right, bottom = crop_box(source, fit(spec, width, height))
    assert 0 <= left < right <= source[0]
    assert 0 <= top < bottom <= source[1]


def test_the_ladder_goes_down_and_its_names_are_unique():
    widths = [spec.width for spec in LADDER]
    assert widths == sorted(widths, reverse=True)
    assert len({spec.name for spec in LADDER}) == len(LADDER)
    assert set(AT_UPLOAD) <= set(LADDER)


def test_specs_are_values():
    assert by_name("thumb") == replace(by_name("thumb"))
    with pytest.raises(KeyError):
        by_name("huge")


@pytest.mark.parametrize(
    ("name", "landscape", "portrait", "quality", "at_upload"),
    [
        ("large", (2048, 1365), (1365, 2048), 82, False),
        ("medium", (1200, 800), (1200, 1800), 85, True),
        ("small", (480, 320), (320, 480), 80, True),
        ("thumb", (200, 200), (200, 200), 75, True),
    ],
)
def test_variant_of_a_photograph_has_its_size_and_quality(name, landscape, portrait, quality, at_upload):
    spec = by_name(name)
    assert (fit(spec, 6000, 4000), fit(spec, 4000, 6000)) == (landscape, portrait)
    assert (spec.name, spec.quality, spec.format, spec.at_upload) == (name, quality, "jpeg", at_upload)


@pytest.mark.parametrize(("format_name", "quality"), [("webp", 79), ("avif", 66)])
def test_sibling_has_the_same_size_at_a_quality_that_looks_the_same(format_name, quality):
    wanted = VariantSpec(f"thumb_{format_name}", 200, 200, True, quality, format_name, at_upload=False)
    assert sibling(THUMB, format_name) == wanted


def test_every_spec_is_found_by_its_recorded_name():
    assert [by_key(spec.name) for spec in every()] == every()
    assert {spec.name for spec in every()} == {name for spec in LADDER for name in family(spec.name)}


@pytest.mark.parametrize("key", ["", "huge", "thumb_gif", "huge_webp"])
def test_unknown_recorded_name_is_an_error(key):
    with pytest.raises(KeyError):
        by_key(key)


def test_family_is_a_variant_and_its_siblings():
    assert family("thumb") == ("thumb", "thumb_webp", "thumb_avif")
