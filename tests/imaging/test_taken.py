"""The date that is chosen from a file's metadata, with its source and precision."""

from __future__ import annotations

import base64
import io
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.imaging.metadata import PhotoMetadata
from app.imaging.render import render
from app.imaging.variants import by_name
from tests.support.photos import TINY
from tests.support.pictures import encoded, scene
from tests.support.telling import jpeg, photoshop, png, saved

WRITTEN = "2012-07-27T14:35:39"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
ORIGINAL, DIGITISED, CHANGED = 0x9003, 0x9004, 0x0132
NAMESPACES = {"photoshop": "photoshop/1.0/", "xmp": "xap/1.0/", "exif": "exif/1.0/"}
# test_heic.TINY, to which ExifTool 12 wrote XMP-photoshop:DateCreated.
DATED_HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAattZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAADRp"
    "bG9jAAAAAERAAAIAAQAAAAADNwABAAAAAAAAAMEAAgAAAAAAAAABAAABzwAAAWgAAABMaWluZgAAAAAAAgAAABVpbmZlAgAAAAABAABo"
    "dmMxAAAAAClpbmZlAgAAAQACAABtaW1lAGFwcGxpY2F0aW9uL3JkZit4bWwAAAAAGmlyZWYAAAAAAAAADmNkc2MAAgABAAEAAAAOcGl0"
    "bQAAAAAAAQAAANZpcHJwAAAAt2lwY28AAAB4aHZjQwEDcAAAAJAAAAAAAB7wAPz9+PgAAA8DYAABABhAAQwB//8DcAAAAwCQAAADAAAD"
    "AB66AkBhAAEAK0IBAQNwAAADAJAAAAMAAAMAHqAwgQWW6kkprm4CGgwIAAADAMgAAAMACEBiAAEAB0QBwXKwIkAAAAATY29scm5jbHgA"
    "AQANAAaAAAAAFGlzcGUAAAAAAAAAYAAAAEAAAAAQcGl4aQAAAAADCAgIAAAAF2lwbWEAAAAAAAAAAQABBIECAwQAAAIxbWRhdDw/eHBh"
    "Y2tldCBiZWdpbj0n77u/JyBpZD0nVzVNME1wQ2VoaUh6cmVTek5UY3prYzlkJz8+Cjx4OnhtcG1ldGEgeG1sbnM6eD0nYWRvYmU6bnM6"
    "bWV0YS8nIHg6eG1wdGs9J0ltYWdlOjpFeGlmVG9vbCAxMi41Nyc+CjxyZGY6UkRGIHhtbG5zOnJkZj0naHR0cDovL3d3dy53My5vcmcv"
    "MTk5OS8wMi8yMi1yZGYtc3ludGF4LW5zIyc+CjxyZGY6RGVzY3JpcHRpb24gcmRmOmFib3V0PScnCnhtbG5zOnBob3Rvc2hvcD0naHR0"
    "cDovL25zLmFkb2JlLmNvbS9waG90b3Nob3AvMS4wLycKcGhvdG9zaG9wOkRhdGVDcmVhdGVkPScyMDEyLTA3LTI3VDE0OjM1OjM5Jy8+"
    "PC9yZGY6UkRGPgo8L3g6eG1wbWV0YT4KPD94cGFja2V0IGVuZD0ndyc/PgAAAL0oAa8J4OMLnLqv//6Mb//+EaeQ/a4upIJSeee/8fyc"
    "v/+Kfq6mXEDhc6q4vF8pVOsvG2+t+pgWoGV8wjwrNCUIH5S7QRsSk6D7RriZI+rW//3XVXH7295/+rKbkKnV4UYdMk9zOlsrXoQB0zcc"
    "t+zTmmL+KIN8HONns7kKdkpyaVus3T1UVc2ZrQ+/rFf+NxerruDcv+jdG3vVx2hase/r9LmItyJNXiH3T2HEgLqOfppx4twpA6YJW1+9"
    "XLw="
)


def xmp(as_element: bool = False, **dates: str) -> bytes:
    """A packet of `prefix_Name="date"` properties, as attributes or as elements."""
    names = {key.replace("_", ":"): value for key, value in dates.items()}
    spaces = " ".join(f'xmlns:{prefix}="http://ns.adobe.com/{path}"' for prefix, path in NAMESPACES.items())
    attributes = " ".join(f'{name}="{value}"' for name, value in names.items() if not as_element)
    elements = "".join(f"<{name}>{value}</{name}>" for name, value in names.items() if as_element)
    rdf = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    inside = f'<rdf:Description rdf:about="" {spaces} {attributes}>{elements}</rdf:Description>'
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {rdf}>{inside}</rdf:RDF></x:xmpmeta>'.encode()


def exif(photo: dict[int, str] | None = None, **main: str) -> Image.Exif:
    """EXIF with tags of the photograph, and `changed` in the main directory."""
    found = Image.Exif()
    found[0x010F] = "Canon"  # Pillow writes no EXIF whose main directory is empty
    found.get_ifd(0x8769).update(photo or {})
    if "changed" in main:
        found[CHANGED] = main["changed"]
    return found


def records(*dates: tuple[int, str]) -> bytes:
    """IPTC datasets of record 2."""
    return b"".join(b"\x1c\x02" + bytes([number]) + len(value).to_bytes(2) + value.encode() for number, value in dates)


def texts(**values: str) -> dict[str, Any]:
    """How Pillow saves a PNG with these texts; `_` stands for a space."""
    info = PngInfo()
    for key, value in values.items():
        info.add_text(key.replace("_", " "), value)
    return {"pnginfo": info}


def itxt(packet: bytes) -> dict[str, Any]:
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", packet.decode())
    return {"pnginfo": info}


def raw_profile(kind: str, block: bytes) -> dict[str, Any]:
    """A PNG's text as ImageMagick writes it."""
    info = PngInfo()
    info.add_text(f"Raw profile type {kind}", f"\n{kind}\n{len(block):>8}\n{block.hex()}\n", zip=True)
    return {"pnginfo": info}


def read(whole: bytes) -> PhotoMetadata:
    with render(io.BytesIO(whole), [by_name("thumb")], clock=lambda: NOW) as picture:
        return picture.metadata


def seen(whole: bytes) -> tuple[str | None, str, str]:
    """The date, its precision and its source."""
    found = read(whole)
    return found.taken_at.isoformat() if found.taken_at else None, found.taken_precision, found.taken_from


IPTC = records((55, "20120727"), (60, "143539+0200"))
DATED = xmp(photoshop_DateCreated=WRITTEN)
TIME_CHUNK = (b"tIME", bytes([2012 >> 8, 2012 & 255, 7, 27, 14, 35, 39]))


@pytest.mark.parametrize(
    ("whole", "moment", "source"),
    [
        (lambda: saved("JPEG", xmp=DATED), WRITTEN, "xmp"),
        (lambda: saved("WEBP", xmp=DATED), WRITTEN, "xmp"),
        (lambda: saved("AVIF", xmp=DATED), WRITTEN, "xmp"),
        (lambda: saved("TIFF", tiffinfo={700: DATED}), WRITTEN, "xmp"),
        (lambda: saved("PNG", **itxt(DATED)), WRITTEN, "xmp"),
        (lambda: saved("PNG", **raw_profile("xmp", DATED)), WRITTEN, "xmp"),
        (lambda: DATED_HEIC, WRITTEN, "xmp"),
        (lambda: saved("WEBP", exif=tagged(700, DATED)), WRITTEN, "xmp"),
        (lambda: jpeg(photoshop(IPTC)), f"{WRITTEN}+02:00", "iptc"),
        (lambda: saved("TIFF", tiffinfo={33723: IPTC}), f"{WRITTEN}+02:00", "iptc"),
        (lambda: saved("TIFF", tiffinfo={34377: photoshop(IPTC)[18:]}), f"{WRITTEN}+02:00", "iptc"),
        (lambda: saved("WEBP", exif=tagged(33723, IPTC)), f"{WRITTEN}+02:00", "iptc"),
        (lambda: saved("PNG", **raw_profile("iptc", IPTC)), f"{WRITTEN}+02:00", "iptc"),
        (lambda: saved("PNG", **raw_profile("iptc", photoshop(IPTC)[18:])), f"{WRITTEN}+02:00", "iptc"),
        (lambda: jpeg(photoshop(records((62, "20120727"), (63, "143539")))), WRITTEN, "iptc"),
        (lambda: saved("PNG", **texts(Creation_Time="Fri, 27 Jul 2012 14:35:39 GMT")), f"{WRITTEN}+00:00", "png_text"),
        (lambda: saved("PNG", **texts(**{"exif:DateTimeOriginal": "2012:07:27 14:35:39"})), WRITTEN, "png_text"),
        (lambda: saved("PNG", **texts(**{"date:create": f"{WRITTEN}+02:00"})), f"{WRITTEN}+02:00", "file_date"),
        (lambda: png(TIME_CHUNK), f"{WRITTEN}+00:00", "png_changed"),
        (lambda: png()[:-12] + png(TIME_CHUNK)[33:52] + png()[-12:], f"{WRITTEN}+00:00", "png_changed"),
        (lambda: saved("TIFF", tiffinfo={ORIGINAL: "2012:07:27 14:35:39"}), WRITTEN, "exif"),
        (lambda: saved("TIFF", tiffinfo={0x8769: {ORIGINAL: "2012:07:27 14:35:39"}}), WRITTEN, "exif"),
        *((lambda kind=kind: saved(kind, exif=exif({ORIGINAL: "2012:07:27 14:35:39"})), WRITTEN, "exif")
          for kind in ("JPEG", "PNG", "WEBP", "AVIF")),
        *((lambda kind=kind: saved(kind, exif=exif(changed="2012:07:27 14:35:39")), WRITTEN, "exif_changed")
          for kind in ("JPEG", "PNG", "WEBP", "AVIF")),
    ],
)  # fmt: skip
def test_date_is_found_in_every_place_of_the_format(whole: Callable[[], bytes], moment: str, source: str) -> None:
    assert seen(whole()) == (moment, "time", source)


def tagged(tag: int, value: bytes) -> bytes:
    """EXIF with a block in its main directory."""
    found = Image.Exif()
    found[tag] = value
    return found.tobytes()


# Every source with a day of its own in July, in the order in which they are asked.
def everything(without: int) -> bytes:
    """A PNG with all sources but the first `without`: source n names the day n + 1."""
    days = {number: f"2012:07:{number + 1:02} 10:00:00" for number in range(without, 13)}
    photo = {tag: days[number] for number, tag in enumerate((ORIGINAL, DIGITISED)) if number in days}
    names = ("photoshop_DateCreated", "exif_DateTimeOriginal", "xmp_CreateDate", "exif_DateTimeDigitized")
    info = itxt(xmp(**{name: days[number] for number, name in enumerate(names, 2) if number in days}))["pnginfo"]
    filed = records(
        *((tag, days[number][:10].replace(":", "")) for number, tag in ((6, 55), (7, 62)) if number in days)
    )
    info.add_text("Raw profile type iptc", f"\niptc\n{len(filed):>8}\n{filed.hex()}\n")
    for number, key in ((8, "Creation Time"), (9, "exif:DateTimeOriginal"), (11, "date:create")):
        if number in days:
            info.add_text(key, days[number])
    if 12 in days:
        info.add(b"tIME", bytes([2012 >> 8, 2012 & 255, 7, 13, 10, 0, 0]))
    return saved("PNG", exif=exif(photo, **({"changed": days[10]} if 10 in days else {})), pnginfo=info)


SOURCES = ["exif", "exif", *["xmp"] * 4, *["iptc"] * 2, *["png_text"] * 2, "exif_changed", "file_date", "png_changed"]


@pytest.mark.parametrize(("without", "source"), list(enumerate(SOURCES)))
def test_sources_are_asked_in_their_order(without: int, source: str) -> None:
    found = read(everything(without))
    assert found.taken_at is not None
    assert (found.taken_at.day, found.taken_from) == (without + 1, source)


@pytest.mark.parametrize("as_element", [False, True])
@pytest.mark.parametrize("name", ["photoshop_DateCreated", "exif_DateTimeOriginal", "xmp_CreateDate"])
def test_xmp_dates_are_read_as_attributes_and_as_elements(name: str, as_element: bool) -> None:
    assert seen(saved("JPEG", xmp=xmp(as_element, **{name: WRITTEN}))) == (WRITTEN, "time", "xmp")


@pytest.mark.parametrize("year", [2028, 9101, 2555, 1825, 1])
def test_implausible_year_falls_back_to_the_next_source(year: int) -> None:
    camera = exif({ORIGINAL: f"{year:04}:07:27 10:00:00"})
    assert seen(saved("JPEG", exif=camera)) == (None, "time", "exif")
    assert seen(saved("JPEG", exif=camera, xmp=DATED)) == (WRITTEN, "time", "xmp")


@pytest.mark.parametrize("year", [1826, 2026, 2027])
def test_years_from_the_first_photograph_to_the_next_are_plausible(year: int) -> None:
    assert seen(saved("JPEG", exif=exif({ORIGINAL: f"{year}:07:27 10:00:00"})))[0] == f"{year}-07-27T10:00:00"


def test_future_is_decided_by_the_present_year() -> None:
    stream = encoded(scene(96, 64), exif=exif({ORIGINAL: "2028:07:27 10:00:00"}))
    with render(stream, [by_name("thumb")], clock=lambda: datetime(2027, 1, 1, tzinfo=UTC)) as picture:
        assert picture.metadata.taken_at is not None


@pytest.mark.parametrize(
    ("day", "moment", "precision", "source"),
    [
        ("2012:07:27", WRITTEN, "time", "xmp"),
        ("2012:00:00", WRITTEN, "time", "xmp"),
        ("2012:07:26", "2012-07-26T00:00:00", "day", "exif"),
        ("2012:06", "2012-06-01T00:00:00", "month", "exif"),
    ],
)
def test_day_only_date_yields_to_a_source_with_the_hour_of_that_day(
    day: str, moment: str, precision: str, source: str
) -> None:
    whole = saved("JPEG", exif=exif({ORIGINAL: day}), xmp=DATED)
    assert seen(whole) == (moment, precision, source)


@pytest.mark.filterwarnings("ignore:Metadata Warning")
def test_iptc_that_a_tiff_keeps_as_numbers_is_read() -> None:
    """Photoshop and ExifTool write the tag as LONG."""
    padded = IPTC + bytes(-len(IPTC) % 4)
    as_bytes, as_numbers = (struct.pack("<HHI", 33723, *each) for each in ((7, len(padded)), (4, len(padded) // 4)))
    whole = saved("TIFF", tiffinfo={33723: padded})
    assert as_bytes in whole
    assert seen(whole.replace(as_bytes, as_numbers)) == (f"{WRITTEN}+02:00", "time", "iptc")


def test_iptc_date_without_a_time_is_a_day() -> None:
    assert seen(jpeg(photoshop(records((55, "20120727"))))) == ("2012-07-27T00:00:00", "day", "iptc")


def test_file_without_date_has_no_date() -> None:
    for whole in (TINY, *(saved(kind) for kind in ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "GIF", "BMP"))):
        assert seen(whole) == (None, "time", "exif")


def test_json_names_precision_and_source_unless_full_exif_date() -> None:
    full = read(saved("JPEG", exif=exif({ORIGINAL: "2012:07:27 14:35:39"}))).to_json()
    assert full == {"taken_at": WRITTEN, "camera": "Canon"}
    day = {"taken_at": "2012-07-27T00:00:00", "taken_precision": "day", "taken_from": "iptc"}
    assert read(jpeg(photoshop(records((55, "20120727"))))).to_json() == day


def test_json_keeps_texts_equal_to_enum_names() -> None:
    assert PhotoMetadata(caption="time", creator="exif").to_json() == {"caption": "time", "creator": "exif"}
