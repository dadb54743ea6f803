"""XMP and IPTC of an opened picture, wherever its format keeps them; parsed once, for captions and dates."""

from __future__ import annotations

import binascii
import io
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from PIL import Image, ImageFile, IptcImagePlugin

from app.imaging import iim
from app.imaging.exif import Exif, text

# A packet of 64 KB fits into one JPEG segment; Photoshop's history, panoramas and depth maps put megabytes behind
# it, none of it words. Of a longer packet the beginning is read.
MAX_PACKET_BYTES = 1_000_000
MAX_RECORDS_BYTES = 1_000_000
MAX_CHUNKS = 100_000  # as in a cleaned PNG: one of 200 MB in chunks of 8 KB has 25,000
_BLOCK = 65_536
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
# TIFF tags of the main directory, which any format's EXIF may carry.
_XMP_TAG, _IPTC_TAG, _PHOTOSHOP_TAG = 0x02BC, 0x83BB, 0x8649
_TIME_SIZE = 7  # PNG's tIME: year in two bytes, month, day, hour, minute, second


class XMP:
    """The properties of a packet; none where there is no packet or it is damaged."""

    def __init__(self, packet: bytes = b"") -> None:
        self._root = _parsed(packet.strip(b"\0 \n\r\t"))

    @classmethod
    def of(cls, image: Image.Image, exif: Exif) -> XMP:
        """What the picture carries: a segment, chunk or box of its own, ImageMagick's profile, or a tag."""
        found = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or exif.main.get(_XMP_TAG)
        if not found:
            return cls(_raw_profile(image, "xmp"))
        return cls(found.encode() if isinstance(found, str) else found if isinstance(found, bytes) else b"")

    def values(self, name: str) -> Iterator[str]:
        """The texts of a simple property of the picture itself, attributes first: programs write it either way."""
        if self._root is None:
            return
        descriptions = [each for rdf in self._root.iter(f"{_RDF}RDF") for each in rdf.findall(f"{_RDF}Description")]
        attributes = (each.get(name) for each in descriptions)
        elements = (element.text for each in descriptions for element in each.findall(name))
        yield from (found.strip() for found in (*attributes, *elements) if found)

    def items(self, name: str) -> list[str]:
        """The texts in a property's bag, sequence or language alternatives."""
        if self._root is None:
            return []
        found = [text(item.text) for parent in self._root.iter(name) for item in parent.iter(f"{_RDF}li")]
        return [item for item in found if item]


def iptc_of(image: Image.Image, exif: Exif) -> Mapping[iim.Number, list[bytes]]:
    """The IPTC datasets of the picture, by record and number."""
    if own := _iptc_by_pillow(image):
        return own
    for found in (exif.main.get(_IPTC_TAG), exif.main.get(_PHOTOSHOP_TAG), _raw_profile(image, "iptc")):
        datasets = iim.contents(found[:MAX_RECORDS_BYTES]) if isinstance(found, bytes) else {}
        if datasets:
            return datasets
    return {}


def _iptc_by_pillow(image: Image.Image) -> dict[iim.Number, list[bytes]]:
    """Those of a JPEG's segment, or of a TIFF's tag, which programs write as numbers instead of bytes."""
    if not isinstance(image, ImageFile.ImageFile):
        return {}
    try:
        found = IptcImagePlugin.getiptcinfo(image) or {}
    except Exception:  # noqa: BLE001  it parses what any program wrote: struct.error, SyntaxError, TypeError, ...
        return {}
    return {number: value if isinstance(value, list) else [value] for number, value in found.items()}


def png_texts(image: Image.Image) -> dict[str, str]:
    """The texts of a PNG by their keywords in small letters."""
    return {str(key).lower(): value for key, value in image.info.items() if isinstance(value, str)}


def png_time(stream: BinaryIO) -> str:
    """When a PNG was last changed, in UTC; "" if it does not say so. Pillow passes the chunk over."""
    at = 8
    for _ in range(MAX_CHUNKS):
        stream.seek(at)
        head = stream.read(8)
        size = int.from_bytes(head[:4])
        if head[4:] == b"tIME":
            return _written(stream.read(min(size, _TIME_SIZE)))
        if len(head) < 8 or head[4:] == b"IEND":
            break
        at += size + 12
    return ""


def _written(time: bytes) -> str:
    if len(time) < _TIME_SIZE:
        return ""
    year, (month, day, hour, minute, second) = int.from_bytes(time[:2]), time[2:]
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"


def _raw_profile(image: Image.Image, kind: str) -> bytes:
    """A block that ImageMagick put into a PNG's text: its name, its length and hexadecimal digits, by lines."""
    found = image.info.get(f"Raw profile type {kind}")
    lines = found[: 3 * MAX_PACKET_BYTES].split("\n") if isinstance(found, str) else []
    try:
        return binascii.unhexlify("".join(lines[3:]).replace(" ", ""))
    except ValueError:
        return b""


def _parsed(packet: bytes) -> ET.Element | None:
    """The outermost element; of a packet that is too long, with what stands in its beginning."""
    parser: ET.XMLPullParser[Any] = ET.XMLPullParser(("start",))
    stream, root = io.BytesIO(packet[:MAX_PACKET_BYTES]), None
    try:
        while block := stream.read(_BLOCK):
            parser.feed(block)  # expat refuses entity bombs since 2.4.1
            for event in parser.read_events():
                root = event[-1] if root is None else root
        if len(packet) <= MAX_PACKET_BYTES:
            parser.close()
    except (ET.ParseError, ValueError, LookupError, RecursionError):
        return None
    return root if isinstance(root, ET.Element) else None
