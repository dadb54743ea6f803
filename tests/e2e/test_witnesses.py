"""Every readable format against programs that share no code with the renderer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from app.imaging import formats
from tests.e2e.witnesses import Seen, chromium, exiftool, magick, ours
from tests.support.photos import BARE, PLAIN, RAW, SECRET, TURNED_RIGHT, photograph, wide_profile
from tests.support.services_available import program, require

KINDS = (*PLAIN, *BARE, *RAW)
DRAWN_BY_CHROMIUM = ("jpeg", "png", "webp", "avif", *BARE)
READ_BY_MAGICK = (*PLAIN, *BARE)
TURNED_BY_MAGICK = ("jpeg", "tiff", "avif", "heic", *BARE)  # it reads no EXIF of PNG and WebP for that
TURNED_BY_CHROMIUM = ("jpeg", "png", "avif", *BARE)  # nor does Chromium of WebP; phones and macOS do
UNSEEN_BY_MAGICK = ("avif", "heic")  # their profiles
HEIF_PLUGINS = "libheif-plugin-libde265 libheif-plugin-dav1d"  # since Debian 13
OWN_GROUPS = {"ExifTool", "System", "File", "JFIF", "Composite"}  # what describes any JPEG at all
Tags = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def exiftool_tags(tmp_path_factory: pytest.TempPathFactory) -> Tags:
    """The exiftool tags of each format's photo, of a later one, and of our rendition."""
    folder = tmp_path_factory.mktemp("photographs")
    for kind in KINDS:
        (folder / f"{kind}-b.{kind}").write_bytes(photograph(kind))
        (folder / f"{kind}-a.{kind}").write_bytes(photograph(kind, second=6, fraction="9"))
        (folder / f"{kind}-out.jpg").write_bytes(ours(photograph(kind))[2])
    return exiftool(program("exiftool", "libimage-exiftool-perl"), folder)


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    """A blank page."""
    page = browser.new_page()
    yield page
    page.close()


def taken(tags: dict[str, Any]) -> str:
    """The capture time by exiftool, with any fraction of a second."""
    names = ("Composite:SubSecDateTimeOriginal", "ExifIFD:DateTimeOriginal", "IFD0:DateTimeOriginal")
    return str(next((tags[name] for name in names if name in tags), ""))


@pytest.mark.parametrize("kind", KINDS)
def test_time_and_order_are_those_of_exiftool(kind: str, exiftool_tags: Tags) -> None:
    moments = [ours(photograph(kind, **when))[1].taken_at for when in ({}, {"second": 6, "fraction": "9"})]
    theirs = [taken(exiftool_tags[f"{kind}-{name}.{kind}"]) for name in "ba"]
    mine = [moment.strftime("%Y:%m:%d %H:%M:%S.%f") if moment else "" for moment in moments]
    assert [each.rstrip("0").rstrip(".") for each in mine] == theirs
    assert (theirs == ["", ""]) == (kind in BARE)
    assert theirs[0] <= theirs[1]


@pytest.mark.parametrize("kind", [*PLAIN, *RAW])
def test_picture_is_turned_as_exiftool_reads_it(kind: str, exiftool_tags: Tags) -> None:
    tags = exiftool_tags[f"{kind}-b.{kind}"]
    turned = tags.get("IFD0:Orientation") or tags.get("CMT1:Orientation")
    assert turned == TURNED_RIGHT or tags.get("Meta:Rotation", tags.get("QuickTime:Rotation")) == 270
    (width, height) = ours(photograph(kind))[0].size
    assert width < height


@pytest.mark.parametrize("kind", DRAWN_BY_CHROMIUM)
def test_picture_matches_chromium(kind: str, blank: Page) -> None:
    data = photograph(kind)
    theirs = chromium(blank, data, formats.by_name(kind).mime)
    assert theirs
    assert_same(ours(data)[0], theirs, turned=kind in TURNED_BY_CHROMIUM)


@pytest.mark.parametrize("kind", RAW)
def test_raw_preview_matches_chromium(kind: str, blank: Page) -> None:
    data = photograph(kind)
    theirs = chromium(blank, data[data.rindex(b"\xff\xd8\xff") :], "image/jpeg")
    assert theirs
    assert ours(data)[0].differs_in_colour_by(theirs) < 2


@pytest.mark.parametrize("kind", READ_BY_MAGICK)
def test_picture_matches_imagemagick(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"photo.{kind}"
    path.write_bytes(photograph(kind))
    assumed = wide_profile() if kind in UNSEEN_BY_MAGICK else None
    theirs = magick(program("convert", "imagemagick"), path, assumed_profile=assumed)
    require(f"ImageMagick that reads {kind}", theirs is not None, f"apt-get install {HEIF_PLUGINS}")
    assert theirs
    assert_same(ours(photograph(kind))[0], theirs, turned=kind in TURNED_BY_MAGICK)


@pytest.mark.parametrize("kind", KINDS)
def test_exiftool_finds_no_metadata_in_a_variant(kind: str, exiftool_tags: Tags) -> None:
    tags = exiftool_tags[f"{kind}-out.jpg"]
    groups = {name.partition(":")[0] for name in tags if ":" in name}
    assert groups <= OWN_GROUPS
    assert SECRET not in str(tags)
    assert (SECRET in str(exiftool_tags[f"{kind}-b.{kind}"])) == (kind in PLAIN or kind == "raf")


def assert_same(mine: Seen, theirs: Seen, *, turned: bool) -> None:
    """The same size, and the same colours in the same corners; the same colours alone where it was not turned."""
    assert mine.differs_in_colour_by(theirs) < 2
    if turned:
        assert mine.size == theirs.size
        assert mine.differs_by(theirs) < 2
