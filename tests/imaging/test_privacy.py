"""Cleaned originals contain no location or serial numbers, and their pixels are unchanged."""

from __future__ import annotations

import io
import random
import tempfile
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from app.errors import CannotBeCleaned, ImageError
from app.imaging import privacy
from app.imaging.exif import Exif
from app.imaging.privacy import exif_block, iptc, xmp
from tests.support import telling
from tests.support.telling import (
    NAME,
    SERIAL,
    TOWN,
    XMP,
    XMP_HEAD,
    box,
    exif,
    gif,
    jpeg,
    png,
    saved,
    segment,
    with_exif,
)

# Pillow warns of damaged EXIF, and a warning that is an error would look like a refusal.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
JUNK = b"recovered by a tool: "
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
PLANTED = (SERIAL, TOWN, telling.rationals("little"), telling.rationals("big"), b"64,8.7995")
EXTENDED = segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 40 + XMP)
FILM = box(b"ftyp", b"mp42") + box(b"moov", TOWN)


def cleaned(data: bytes) -> bytes:
    """The cleaned file of these bytes."""
    with tempfile.TemporaryFile() as original, tempfile.TemporaryFile() as target:
        original.write(data)
        original.flush()
        privacy.clean(original, target)
        target.seek(0)
        return target.read()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data.removeprefix(JUNK)))
    image.load()
    return image


TELLING: dict[str, Callable[[], bytes]] = {
    "EXIF, little-endian": lambda: jpeg(with_exif()),
    "EXIF, big-endian": lambda: jpeg(with_exif("big")),
    "progressive": lambda: jpeg(with_exif(), progressive=True),
    "restarts": lambda: jpeg(with_exif(), restart_marker_blocks=1),
    "CMYK": lambda: jpeg(with_exif(), mode="CMYK"),
    "colour profile": lambda: jpeg(with_exif(), icc_profile=PROFILE),
    "XMP": lambda: jpeg(with_exif(), segment(0xE1, XMP_HEAD + XMP)),
    "XMP alone": lambda: jpeg(segment(0xE1, XMP_HEAD + XMP)),
    "extended XMP": lambda: jpeg(with_exif(), EXTENDED, EXTENDED),
    "XMP that declares entities": lambda: jpeg(segment(0xE1, XMP_HEAD + b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + XMP)),
    "XMP cut short": lambda: jpeg(segment(0xE1, XMP_HEAD + XMP[:-20])),
    "IPTC": lambda: jpeg(telling.photoshop(telling.IPTC_PLACE + telling.IPTC_NAME)),
    "two EXIF segments": lambda: jpeg(with_exif(), with_exif("big")),
    "thumbnail with EXIF": lambda: jpeg(with_exif(thumbnail=telling.small_picture())),
    "comment": lambda: jpeg(segment(0xFE, TOWN)),
    "C2PA, FLIR, MPF and more": lambda: jpeg(*(segment(0xE0 + n, b"JP" + TOWN) for n in range(2, 16))),
    "second picture behind": lambda: jpeg(with_exif(), behind=jpeg(with_exif())),
    "film behind": lambda: jpeg(with_exif(), behind=FILM),
    "maker's trailer": lambda: jpeg(behind=b"\0\0" + TOWN + b"SEFT"),
    "junk before": lambda: JUNK + jpeg(with_exif()),
    "PNG, eXIf": lambda: png((b"eXIf", exif())),
    "PNG, XMP": lambda: png((b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)),
    "PNG, compressed XMP": lambda: png((b"iTXt", b"XML:com.adobe.xmp\0\x01\0\0\0" + zlib.compress(XMP))),
    "PNG, words": lambda: png((b"tEXt", b"Location\0" + TOWN), (b"tEXt", b"Author\0Ada")),
    "PNG, raw profile": lambda: png((b"tEXt", b"Raw profile type APP1\0\n" + exif().hex().encode())),
    "PNG, EXIF of five megabytes": lambda: png((b"eXIf", exif(orientation=1) + bytes(5_000_000))),
    "PNG, private chunk": lambda: png((b"prVt", TOWN)),
    "PNG, something behind": lambda: png(behind=TOWN),
    "WebP": lambda: saved("WEBP", exif=exif(orientation=1), xmp=XMP, icc_profile=PROFILE),
    "WebP, animated": lambda: saved(
        "WEBP", save_all=True, append_images=[Image.new("RGB", (96, 64))], exif=exif(), lossless=True
    ),
    "WebP, something behind": lambda: saved("WEBP", exif=exif()) + TOWN,
    "GIF": lambda: gif(telling.blocks(0xFE, TOWN), telling.blocks(0xFF, b"XMP DataXMP", TOWN)) + TOWN,
    "AVIF": lambda: saved("AVIF", exif=exif(orientation=1), xmp=XMP, icc_profile=PROFILE),
    "HEIC, unknown box": lambda: telling.heic_with(box(b"mpvd", FILM), box(b"uuid", TOWN)),
    "HEIC, gap": telling.heic_with_gap,
}


@pytest.mark.parametrize("name", TELLING)
def test_cleaned_file_has_no_location_or_camera(name: str) -> None:
    data = TELLING[name]()
    out = cleaned(data)
    assert [secret for secret in PLANTED if secret in out] == []
    assert b"GPS" not in out


@pytest.mark.parametrize("name", TELLING)
def test_picture_stays_as_it_is(name: str) -> None:
    data = TELLING[name]()
    before, after = opened(data), opened(cleaned(data))
    assert np.array_equal(np.asarray(before), np.asarray(after))
    assert (before.size, before.mode) == (after.size, after.mode)
    assert Exif.of(before).orientation == Exif.of(after).orientation
    assert before.info.get("icc_profile") == after.info.get("icc_profile")
    if "second" not in name:
        assert getattr(before, "n_frames", 1) == getattr(after, "n_frames", 1)


def test_compressed_data_are_the_same_bytes() -> None:
    plain = jpeg()
    tables = plain[plain.index(b"\xff\xdb") :]
    assert cleaned(jpeg(with_exif(), telling.photoshop(b""))).endswith(tables)


@pytest.mark.parametrize("order", ["little", "big"])
def test_copyright_caption_and_exposure_are_kept(order: Any) -> None:
    image = opened(cleaned(jpeg(with_exif(order))))
    found = Exif.of(image)
    assert found.orientation == 6
    assert found.main[0x8298].encode("latin-1") == b"(c) " + NAME
    assert found.photo[0x829A] == 1 / 250
    assert found.photo[0x9003] == "2026:05:04 12:00:00"
    assert found.main[0x010E] == "A caption"
    assert not found.position


def test_names_and_ratings_in_xmp_and_iptc_stay() -> None:
    out = cleaned(jpeg(segment(0xE1, XMP_HEAD + XMP), telling.photoshop(telling.IPTC_PLACE + telling.IPTC_NAME)))
    assert out.count(NAME) == 2
    assert b"<xmp:Rating>4</xmp:Rating>" in out


def test_thumbnail_is_kept_without_its_metadata() -> None:
    image = opened(cleaned(jpeg(with_exif(thumbnail=telling.small_picture()))))
    block = image.info["exif"]
    small = opened(block[block.index(b"\xff\xd8") :])
    assert small.size == (32, 24)
    assert b"Exif" not in block[6:]


REFUSED: dict[str, Callable[[], bytes]] = {
    "TIFF": lambda: saved("TIFF"),
    "BMP": lambda: saved("BMP"),
    "RAW": lambda: b"FUJIFILMCCD-RAW 0201FF129502X-T2" + bytes(500),
    "Photoshop": lambda: b"8BPS\0\1" + bytes(500),
    "film": lambda: FILM,
    "text": lambda: b"Just words, and nothing of a picture in them.",
    "JPEG without its end": lambda: jpeg(with_exif())[:-2],
    "JPEG cut in its head": lambda: jpeg(with_exif())[:200],
    "JPEG of no picture": lambda: b"\xff\xd8\xff\xfe\0\x04ab\xff\xd9",
    "JPEG with a damaged scan": lambda: jpeg()[:-40] + b"\xff\x9f" + jpeg()[-38:],
    "PNG cut short": lambda: png()[:-20],
    "PNG whose orientation stands in too much EXIF": lambda: png((b"eXIf", exif() + bytes(5_000_000))),
    "PNG with a huge chunk": lambda: png()[:33] + b"\xff\xff\xff\xffIDAT",
    "WebP cut short": lambda: saved("WEBP")[:-9],
    "GIF cut short": lambda: saved("GIF")[:-9],
    "HEIC with a film": lambda: telling.heic_with(box(b"moov", TOWN)),
    "HEIC with an unknown property": lambda: telling.TINY.replace(b"colr", b"xyzw"),
    "HEIC that names a place outside": lambda: telling.TINY.replace(b"\0\0\x01\x7a\0\x01", b"\0\0\x10\x7a\0\x01"),
    "HEIC of boxes that do not fit": lambda: telling.TINY + b"\0\0\x10\0mdat",
}


@pytest.mark.parametrize("name", REFUSED)
def test_uncleanable_file_is_refused_with_a_reason(name: str) -> None:
    with pytest.raises(ImageError) as refused:
        cleaned(REFUSED[name]())
    assert refused.value.message.endswith(".")
    assert not refused.value.transient


def test_photographers_read_one_sentence_and_the_log_has_the_detail() -> None:
    with pytest.raises(CannotBeCleaned, match="video") as refused:
        cleaned(REFUSED["HEIC with a film"]())
    assert refused.value.message == "We can't safely remove location data from this file."


DAMAGED = {
    "directory that follows itself": b"II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0",
    "directory behind the end": b"II*\0\xff\xff\xff\x7f" + bytes(20),
    "a count of four thousand millions": b"II*\0\x08\0\0\0\x01\0\x0f\x01\x02\0\xff\xff\xff\xff\x08\0\0\0\0\0\0\0",
    "more entries than there are": b"II*\0\x08\0\0\0\xff\xff" + bytes(30),
    "no TIFF": b"Quatsch " + TOWN,
    "nothing": b"",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_exif_is_left_out_and_the_picture_given(name: str) -> None:
    out = cleaned(jpeg(segment(0xE1, b"Exif\0\0" + DAMAGED[name])))
    assert b"Exif" not in out
    assert np.array_equal(np.asarray(opened(out)), np.asarray(opened(jpeg())))


@pytest.mark.parametrize("seed", range(8))
def test_damaged_file_reveals_no_metadata(seed: int) -> None:
    chance = random.Random(seed)
    whole = jpeg(with_exif(chance.choice(["little", "big"])), segment(0xE1, XMP_HEAD + XMP))
    for _ in range(40):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(2, 2400)] = chance.randrange(256)
        try:
            out = cleaned(bytes(data))
        except ImageError:
            continue
        assert [secret for secret in PLANTED if secret in out] == []


@pytest.mark.parametrize("seed", range(4))
def test_damaged_boxes_reveal_no_metadata(seed: int) -> None:
    chance = random.Random(seed)
    for whole in (saved("AVIF", exif=exif(orientation=1), xmp=XMP), telling.heic_with_gap()):
        for _ in range(15):
            data = bytearray(whole)
            data[chance.randrange(4, min(600, len(whole)))] = chance.randrange(256)
            try:
                out = cleaned(bytes(data))
            except ImageError:
                continue
            assert [secret for secret in PLANTED if secret in out] == []


@pytest.mark.parametrize(
    ("part", "data"),
    [
        (exif_block, lambda: jpeg(with_exif())),
        (xmp, lambda: jpeg(segment(0xE1, XMP_HEAD + XMP))),
        (iptc, lambda: jpeg(segment(0xE1, b"") + telling.photoshop(telling.IPTC_PLACE))),
        (exif_block, lambda: png((b"eXIf", exif()))),
        (exif_block, lambda: saved("WEBP", exif=exif())),
        (exif_block, lambda: saved("AVIF", exif=exif(orientation=1))),
    ],
    ids=["EXIF", "XMP", "IPTC", "PNG", "WebP", "AVIF"],
)
def test_incomplete_cleaning_is_detected(monkeypatch: pytest.MonkeyPatch, part: Any, data: Callable[[], bytes]) -> None:
    head = {iptc: lambda found: iptc.HEAD + found}.get(part, lambda found: found)
    monkeypatch.setattr(part, "cleaned", head)
    with pytest.raises(CannotBeCleaned, match="still contains"):
        cleaned(data())


def test_serial_number_moved_to_another_tag_is_detected() -> None:
    block = bytearray(exif())
    lens = block.index(b"\x35\xa4\x02\0")  # its serial number
    block[lens] = 0x34  # now its model
    with pytest.raises(CannotBeCleaned, match="coordinate or serial"):
        cleaned(jpeg(segment(0xE1, b"Exif\0\0" + bytes(block))))


def test_cleaned_file_can_be_inspected() -> None:
    out = cleaned(jpeg(with_exif()))
    assert privacy.inspect(out, "jpeg").traces == ()
    found = privacy.inspect(jpeg(with_exif()), "jpeg")
    assert (found.width, found.height) == (96, 64)
    assert "the location" in found.traces
