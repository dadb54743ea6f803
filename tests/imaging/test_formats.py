import pytest

from app.imaging import formats
from tests.support.pictures import encoded, scene


def box(major: bytes, *brands: bytes) -> bytes:
    body = major + b"\0\0\0\0" + b"".join(brands)
    return (len(body) + 8).to_bytes(4) + b"ftyp" + body + b"\0" * 64


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF"])
def test_every_format_is_recognised_by_its_first_64_bytes(kind):
    head = encoded(scene(32, 32), kind).read(64)
    assert formats.sniff(head) is formats.by_name(kind.lower())


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (box(b"heic", b"mif1", b"heic"), "heic"),
        (box(b"mif1", b"mif1", b"heic"), "heic"),
        (box(b"mif1", b"avif", b"mif1"), "avif"),
        (box(b"avis", b"avif"), "avif"),
        (box(b"crx ", b"crx ", b"isom"), "cr3"),
        (box(b"isom", b"mp42"), None),
        (b"II*\0\x10\0\0\0CR\x02\0" + b"\0" * 64, "cr2"),
        (b"IIRO\x08\0\0\0" + b"\0" * 64, "orf"),
        (b"FUJIFILMCCD-RAW 0201" + b"\0" * 64, "raf"),
        (b"IIU\0\x08\0\0\0" + b"\0" * 64, "rw2"),
        (b"BMW is a maker of cars. " * 4, None),
        (b"%PDF-1.7\n" + b"\0" * 64, None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>" + b" " * 64, None),
        (b"", None),
        (b"\xff", None),
        (b"RIFF\0\0\0\0WAVEfmt ", None),
    ],
)
def test_containers_are_distinguished_and_unknown_ones_are_none(head, expected):
    found = formats.sniff(head)
    assert (found.name if found else None) == expected


@pytest.mark.parametrize(("name", "expected"), [("A.JPG", "jpeg"), ("b.nef", "nef"), ("c.tar.HEIC", "heic")])
def test_a_file_name_claims_a_format(name, expected):
    assert formats.by_filename(name) is formats.by_name(expected)


def test_a_name_without_a_known_ending_claims_nothing():
    assert formats.by_filename("README") is None
    assert formats.by_filename("x.exe") is None


def test_rows_are_values_with_unique_names():
    assert len({row.name for row in formats.FORMATS}) == len(formats.FORMATS)
    assert {row.name for row in formats.FORMATS if row.encodable} == {"jpeg", "webp", "avif"}
    assert hash(formats.JPEG)


def test_browsers_draw_five_formats():
    drawable = {row.name for row in formats.FORMATS if row.mime in formats.DRAWABLE}
    assert drawable == {"jpeg", "png", "gif", "webp", "avif"}
