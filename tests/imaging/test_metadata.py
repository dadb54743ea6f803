from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.imaging.exif import Exif, GPSPosition, text
from app.imaging.metadata import PhotoMetadata
from app.imaging.packets import XMP
from app.imaging.render import render
from app.imaging.taken import Sources
from app.imaging.variants import by_name
from tests.support.pictures import encoded, scene

PACKET = b"""<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'>
<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:dc='http://purl.org/dc/elements/1.1/'
 xmlns:xmp='http://ns.adobe.com/xap/1.0/'><rdf:Description xmp:Rating='4'>
<dc:subject><rdf:Bag><rdf:li>wedding</rdf:li><rdf:li>K\xc3\xb6ln</rdf:li><rdf:li>wedding</rdf:li></rdf:Bag></dc:subject>
<dc:description><rdf:Alt><rdf:li xml:lang='x-default'>The first dance</rdf:li></rdf:Alt></dc:description>
<dc:creator><rdf:Seq><rdf:li>Ada Example</rdf:li></rdf:Seq></dc:creator>
<dc:rights><rdf:Alt><rdf:li>(c) Ada</rdf:li></rdf:Alt></dc:rights>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>"""


def full_exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "NIKON CORPORATION", "NIKON D850"
    photo = exif.get_ifd(0x8769)
    photo |= {0x9003: "2024:06:01 17:30:05", 0x9011: "+02:00", 0x829A: 1 / 250, 0x829D: 2.8, 0x8827: 400}
    photo |= {0x920A: 85.0, 0xA434: "85.0 mm f/1.4"}
    position = exif.get_ifd(0x8825)
    position |= {1: "N", 2: (50.0, 56.0, 29.0), 3: "W", 4: (6.0, 57.0, 30.0), 5: b"\0", 6: 58.5}
    return exif


def read(kind: str = "JPEG", **params: object) -> PhotoMetadata:
    with render(encoded(scene(320, 200), kind, **params), [by_name("thumb")]) as picture:
        return picture.metadata


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_camera_metadata_is_read(kind):
    found = read(kind, exif=full_exif())
    assert found.taken_at == datetime(2024, 6, 1, 17, 30, 5, tzinfo=timezone(timedelta(hours=2)))
    assert (found.camera, found.lens) == ("NIKON D850", "85.0 mm f/1.4")
    assert (found.focal_length, found.aperture, found.shutter, found.iso) == (85.0, 2.8, 0.004, 400)
    assert found.gps == GPSPosition(50.9413889, -6.9583333, 58.5)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_descriptive_metadata_is_read(kind):
    params = {"tiffinfo": {700: PACKET}} if kind == "TIFF" else {"xmp": PACKET}
    if kind == "PNG":
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", PACKET.decode())
        params = {"pnginfo": info}
    found = read(kind, **params)
    assert (found.rating, found.keywords, found.caption) == (4, ("wedding", "Köln"), "The first dance")
    assert (found.creator, found.copyright) == ("Ada Example", "(c) Ada")


def test_iptc_speaks_where_xmp_is_silent():
    def record(number: int, value: bytes) -> bytes:
        return b"\x1c\x02" + bytes([number]) + len(value).to_bytes(2) + value

    block = record(25, b"harbour") + record(25, b"night") + record(120, b"Boats at night") + record(80, b"Bo")
    resource = b"8BIM\x04\x04\0\0" + len(block).to_bytes(4) + block
    segment = b"Photoshop 3.0\0" + resource + b"\0" * (len(resource) % 2)
    whole = encoded(scene(320, 200)).getvalue()
    stream = encoded(scene(320, 200))
    stream.write(whole[:2] + b"\xff\xed" + (len(segment) + 2).to_bytes(2) + segment + whole[2:])
    with render(stream, [by_name("thumb")]) as picture:
        found = picture.metadata
    assert (found.keywords, found.caption, found.creator) == (("harbour", "night"), "Boats at night", "Bo")


def test_picture_without_metadata_gives_empty_metadata():
    assert read() == PhotoMetadata()
    assert read().to_json() == {}


def test_json_keeps_the_position_apart():
    values = read(exif=full_exif()).to_json()
    assert values["taken_at"] == "2024-06-01T17:30:05+02:00"
    assert values["gps"] == {"latitude": 50.9413889, "longitude": -6.9583333, "altitude": 58.5}
    assert "keywords" not in values
    assert not any("lat" in key for key in values)


def test_without_an_offset_the_time_stays_as_the_clock_showed_it():
    exif = full_exif()
    del exif.get_ifd(0x8769)[0x9011]
    assert read(exif=exif).taken_at == datetime(2024, 6, 1, 17, 30, 5)  # noqa: DTZ001  naive on purpose


JUNK = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.binary(max_size=5),
    st.tuples(st.floats(), st.floats()),
)


@settings(deadline=None)
@given(st.dictionaries(st.integers(0, 0xFFFF) | st.sampled_from([0x9003, 0x9011, 0x8827, 2, 4, 6, 1, 3, 5]), JUNK))
def test_no_tag_of_any_type_raises(tags):
    exif = Exif(tags, tags, tags, tags)
    for name in ("camera", "iso", "gps", "rating", "caption", "orientation", "is_adobe_rgb"):
        getattr(exif, name)
    Sources(exif, XMP(), {}, {}, str).taken(2027)


@pytest.mark.parametrize("words", ["Österreich", "Ada – “Køln”", "日本", "plain"])
def test_utf8_in_exif_is_read_whole(words):
    assert text(words.encode().decode("latin-1")) == words
    assert text(words.encode()) == words
