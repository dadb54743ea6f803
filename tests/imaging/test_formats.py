import pytest

from app.imaging import formats
from tests.support.pictures import encoded, scene


def box(major: bytes, *brands: bytes) -> bytes:
    body = major + b"\0\0\0\0" + b"".join(brands)
    return (len(body) + 8).to_bytes(4) + b"ftyp" + body + b"\0" * 64


HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
START = b"\xff\xd8\xff\xe0"


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
        *((box(brand, b"mif1"), "avif") for brand in (b"avif", b"avis")),
        (box(b"crx ", b"crx ", b"isom"), "cr3"),
        (box(b"isom", b"mp42"), None),
        (box(b"mif1", b"mif1", b"miaf", b"avif"), "avif"),
        (box(b"heic", b"mif1")[:20] + b"avif" * 4, "heic"),
        *((box(brand, b"mif1"), "heic") for brand in HEIC_BRANDS),
        (b"II*\0\x10\0\0\0CR\x02\0" + b"\0" * 64, "cr2"),
        *((magic + b"\x08\0\0\0" + b"\0" * 64, "orf") for magic in (b"IIRO", b"IIRS", b"MMOR")),
        *((magic + b"\x08\0\0\0" + b"\0" * 64, "tiff") for magic in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
        *((magic + b"\0" * 64, "gif") for magic in (b"GIF87a", b"GIF89a")),
        *((b"BM" + b"\0" * 12 + bytes([size]) + b"\0" * 64, "bmp") for size in (12, 16, 40, 52, 56, 64, 108, 124)),
        (b"BM" + b"\0" * 12 + b"\x28\0\0\1" + b"\0" * 64, None),
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


@pytest.mark.parametrize(("junk", "found"), [(0, 0), (1, 1), (61, 61), (62, 0)])
def test_jpeg_is_found_behind_junk_in_the_first_64_bytes(junk, found):
    head = b"\r" * junk + START + b"\0" * 64
    assert formats.jpeg_start(head) == found
    assert (formats.sniff(head) is formats.JPEG) is (found == junk)


@pytest.mark.parametrize("signature", [b"ID3", b"%PDF", b"PK", b"RIFF", b"\0\0\0"])
def test_jpeg_within_another_kind_of_file_is_not_the_picture(signature):
    head = signature + b"\r" * 10 + START
    assert (formats.jpeg_start(head), formats.sniff(head)) == (0, None)


@pytest.mark.parametrize(
    ("name", "label", "mime", "endings"),
    [
        ("jpeg", "JPEG", "image/jpeg", "jpg jpeg jpe jfif mpo"),
        ("png", "PNG", "image/png", "png apng"),
        ("webp", "WebP", "image/webp", "webp"),
        ("tiff", "TIFF", "image/tiff", "tif tiff"),
        ("bmp", "BMP", "image/bmp", "bmp dib"),
        ("gif", "GIF", "image/gif", "gif"),
        ("heic", "HEIC", "image/heic", "heic heif hif"),
        ("avif", "AVIF", "image/avif", "avif"),
        ("cr2", "Canon RAW (CR2)", "image/x-canon-cr2", "cr2"),
        ("cr3", "Canon RAW (CR3)", "image/x-canon-cr3", "cr3"),
        ("nef", "Nikon RAW (NEF)", "image/x-nikon-nef", "nef"),
        ("arw", "Sony RAW (ARW)", "image/x-sony-arw", "arw"),
        ("dng", "DNG", "image/x-adobe-dng", "dng"),
        ("orf", "Olympus RAW (ORF)", "image/x-olympus-orf", "orf"),
        ("raf", "Fujifilm RAW (RAF)", "image/x-fuji-raf", "raf"),
        ("rw2", "Panasonic RAW (RW2)", "image/x-panasonic-rw2", "rw2"),
    ],
)
def test_format_has_the_names_that_other_programs_use(name, label, mime, endings):
    row = formats.by_name(name)
    assert (row.name, row.label, row.mime, row.extension) == (name, label, mime, endings.split()[0])
    assert {ending for ending in formats.EXTENSIONS if formats.by_filename(f"x.{ending}") is row} == set(
        endings.split()
    )
    assert row.decodable
    assert row.preview is mime.startswith("image/x-")


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
    drawable = {row.name for row in formats.FORMATS if formats.by_name(row.name).mime in formats.DRAWABLE}
    assert drawable == {"jpeg", "png", "gif", "webp", "avif"}


@pytest.mark.parametrize(
    ("what", "names"),
    [("whole", {"webp", "tiff", "heic", "avif"}), ("turns_itself", {"tiff", "heic"})],
)
def test_decoders_that_differ_from_the_others_are_known(what, names):
    assert {row.name for row in formats.FORMATS if getattr(formats.by_name(row.name), what)} == names


def test_memory_for_a_decode_is_what_was_measured():
    measured = {"webp": 12.5, "tiff": 4.5, "heic": 10.0, "avif": 13.0}
    for row in formats.FORMATS:
        assert formats.by_name(row.name).overhead == measured.get(row.name, 0.5)


@pytest.mark.parametrize(
    ("name", "options"), [("jpeg", {"progressive": True}), ("webp", {"method": 4}), ("avif", {"speed": 8}), ("png", {})]
)
def test_encoder_takes_the_time_that_was_measured(name, options):
    assert formats.by_name(name).save == options
