"""Pictures with location and serial numbers in every known place."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image
from PIL.ExifTags import IFD

from app.imaging.privacy.exif_writer import Entry, Order, exif_bytes
from tests.support.photos import TINY
from tests.support.pictures import encoded, scene

SERIAL = b"SN-4711-0815"
TOWN = b"Reykjav-Geheim"
COORDINATE = ((64, 1), (8, 1), (4797, 100))
NAME = "Ada Lovelace é".encode()
XMP_HEAD = b"http://ns.adobe.com/xap/1.0/\0"
XMP = (
    b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    b'xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:aux="http://ns.adobe.com/exif/1.0/aux/" '
    b'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    b'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    b'exif:GPSLatitude="64,8.7995N" aux:SerialNumber="%(serial)s" photoshop:City="%(town)s" xmp:Rating="4">'
    b"<!-- %(town)s --><dc:creator><rdf:Seq><rdf:li>%(name)s</rdf:li></rdf:Seq></dc:creator>"
    b"<Iptc4xmpExt:LocationShown><rdf:Bag><rdf:li>%(town)s</rdf:li></rdf:Bag></Iptc4xmpExt:LocationShown>"
    b"<dc:title rdf:parseType='Resource'><dc:creator>%(town)s</dc:creator></dc:title>"
    b"</rdf:Description></rdf:RDF></x:xmpmeta>"
) % {b"serial": SERIAL, b"town": TOWN, b"name": NAME}
IPTC_PLACE = b"".join(b"\x1c\x02%c\0%c" % (tag, len(TOWN)) + TOWN for tag in (26, 27, 90, 92, 95, 100, 101))
IPTC_NAME = b"\x1c\x02\x50\0%c" % len(NAME) + NAME


def rationals(order: Order) -> bytes:
    """The coordinate as EXIF keeps it."""
    return b"".join(number.to_bytes(4, order) for pair in COORDINATE for number in pair)


def exif(order: Order = "little", orientation: int = 6, thumbnail: bytes = b"") -> bytes:
    """A block with position, serial numbers, a maker note and all that may stay; Pillow writes no maker notes."""

    def text(value: bytes) -> Entry:
        return Entry(2, len(value) + 1, value + b"\0")

    def short(value: int) -> Entry:
        return Entry(3, 1, value.to_bytes(2, order))

    main = {
        0x010F: text(b"Canon"),
        0x0112: short(orientation),
        0x013B: text(NAME),
        0x8298: text(b"(c) " + NAME),
        0xC62F: text(SERIAL),
        0xC634: Entry(1, 40, TOWN.ljust(40, b"\1")),
        0x010E: text(b"A caption\0" + SERIAL),
    }
    photo = {
        0x829A: Entry(5, 1, (1).to_bytes(4, order) + (250).to_bytes(4, order)),
        0x9003: text(b"2026:05:04 12:00:00"),
        0x927C: Entry(7, 64, (b"Canon MN " + SERIAL).ljust(64, b"\2")),
        0xA430: text(TOWN),
        0xA431: text(SERIAL),
        0xA435: text(SERIAL),
        0xA420: text(SERIAL),
        0x9286: Entry(7, 8 + len(TOWN), b"ASCII\0\0\0" + TOWN),
    }
    position = {
        1: text(b"N"),
        2: Entry(5, 3, rationals(order)),
        3: text(b"W"),
        4: Entry(5, 3, rationals(order)),
        28: Entry(7, 8 + len(TOWN), b"ASCII\0\0\0" + TOWN),
    }
    # The writer nests two directories; the position goes where it puts the third, and its pointer among the main tags.
    plain = exif_bytes(order, main | {0x8825: Entry(4, 1, b"\0\0\0\0")}, photo, position, {}, thumbnail)
    at = plain.index(struct.pack(("<" if order == "little" else ">") + "HHI", 0xA005, 4, 1)) + 8
    pointer = plain.index(struct.pack(("<" if order == "little" else ">") + "HHI", 0x8825, 4, 1)) + 8
    moved = plain[:pointer] + plain[at : at + 4] + plain[pointer + 4 :]
    return moved[: at - 8] + b"\xaf\xaf" + moved[at - 6 :]  # the pointer that the writer made is none now


def segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2) + content


def photoshop(records: bytes) -> bytes:
    resource = b"8BIM\x04\x04\0\0" + len(records).to_bytes(4) + records + b"\0" * (len(records) % 2)
    return segment(0xED, b"Photoshop 3.0\x008BIM\x04\x0c\0\0\0\0\0\x10" + TOWN.ljust(16, b"\3") + resource)


def jpeg(*segments: bytes, behind: bytes = b"", mode: str = "RGB", **save: Any) -> bytes:
    """A JPEG with these segments after SOI, and something behind EOI."""
    plain = encoded(scene(96, 64).convert(mode), "JPEG", **save).getvalue()
    return plain[:2] + b"".join(segments) + plain[2:] + behind


def with_exif(order: Order = "little", **more: Any) -> bytes:
    return segment(0xE1, b"Exif\0\0" + exif(order, **more))


def png(*chunks: tuple[bytes, bytes], behind: bytes = b"") -> bytes:
    """A PNG with these chunks before its pixels."""
    plain = encoded(scene(96, 64), "PNG").getvalue()
    made = (len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4) for name, body in chunks)
    return plain[:33] + b"".join(made) + plain[33:] + behind


def saved(kind: str, **save: Any) -> bytes:
    return encoded(scene(96, 64), kind, **save).getvalue()


def gif(*extensions: bytes) -> bytes:
    plain = saved("GIF")
    at = 13 + (3 << ((plain[10] & 7) + 1))
    return plain[:at] + b"".join(extensions) + plain[at:]


def blocks(label: int, *parts: bytes) -> bytes:
    return b"!" + bytes((label,)) + b"".join(bytes((len(part),)) + part for part in parts) + b"\0"


def box(name: bytes, body: bytes) -> bytes:
    return (8 + len(body)).to_bytes(4) + name + body


def heic_with(*behind: bytes) -> bytes:
    return TINY + b"".join(behind)


def heic_with_gap() -> bytes:
    """A HEIC whose data box has something behind the picture that nothing refers to."""
    at = TINY.index(b"mdat") - 4
    return TINY[:at] + box(b"mdat", TINY[at + 8 :] + TOWN)


def small_picture() -> bytes:
    """A thumbnail with its own location."""
    image = Image.new("RGB", (32, 24), (10, 200, 30))
    out = io.BytesIO()
    inner = Image.Exif()
    inner.get_ifd(IFD.Exif)[0xA431] = SERIAL.decode()
    image.save(out, "JPEG", exif=inner)
    return out.getvalue()
