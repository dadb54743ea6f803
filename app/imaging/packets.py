"""XMP and IPTC metadata of an opened image, for captions and dates."""

from __future__ import annotations

import binascii
import io
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from PIL import Image, ImageFile, IptcImagePlugin

from app.imaging import iim
from app.imaging.exif import Exif, text

# A packet of 64 KB fits into one JPEG segment. Photoshop's history, panoramas and depth maps add megabytes without
# captions, so only the beginning of a longer packet is parsed.
MAX_PACKET_BYTES = 1_000_000
MAX_RECORDS_BYTES = 1_000_000
MAX_CHUNKS = 100_000  # a PNG of 200 MB in chunks of 8 KB has 25,000
_BLOCK = 65_536
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
# TIFF tags of the main directory; the EXIF of any format may contain them.
_XMP_TAG, _IPTC_TAG, _PHOTOSHOP_TAG = 0x02BC, 0x83BB, 0x8649
_TIME_SIZE = 7  # PNG's tIME: year in two bytes, month, day, hour, minute, second


class XMP:
    """The properties of an XMP packet; without any if the packet is missing or damaged."""

    def __init__(self, packet: bytes = b"") -> None:
        self._root = _parsed(packet.strip(b"\0 \n\r\t"))

    @classmethod
    def of(cls, image: Image.Image, exif: Exif) -> XMP:
        """The XMP of an image: from its own segment, chunk or box, from a TIFF tag, or from ImageMagick's PNG text."""
        found = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or exif.main.get(_XMP_TAG)
        if not found:
            return cls(_raw_profile(image, "xmp"))
        return cls(found.encode() if isinstance(found, str) else found if isinstance(found, bytes) else b"")

    def values(self, name: str) -> Iterator[str]:
        """Yield the values of a simple property of the image, XML attributes before elements."""
        if self._root is None:
            return
        descriptions = [each for rdf in self._root.iter(f"{_RDF}RDF") for each in rdf.findall(f"{_RDF}Description")]
        attributes = (each.get(name) for each in descriptions)
        elements = (element.text for each in descriptions for element in each.findall(name))
        yield from (found.strip() for found in (*attributes, *elements) if found)

    def items(self, name: str) -> list[str]:
        """The texts of a list property: a bag, a sequence or language alternatives."""
        if self._root is None:
            return []
        found = [text(item.text) for parent in self._root.iter(name) for item in parent.iter(f"{_RDF}li")]
        return [item for item in found if item]


def iptc_of(image: Image.Image, exif: Exif) -> Mapping[iim.Number, list[bytes]]:
    """The IPTC values of an image, by record and dataset number; empty if it has none."""
    if own := _iptc_by_pillow(image):
        return own
    for found in (exif.main.get(_IPTC_TAG), exif.main.get(_PHOTOSHOP_TAG), _raw_profile(image, "iptc")):
        datasets = iim.contents(found[:MAX_RECORDS_BYTES]) if isinstance(found, bytes) else {}
        if datasets:
            return datasets
    return {}


def _iptc_by_pillow(image: Image.Image) -> dict[iim.Number, list[bytes]]:
    """The datasets that Pillow finds: in a JPEG segment, or in a TIFF tag of any type."""
    if not isinstance(image, ImageFile.ImageFile):
        return {}
    try:
        found = IptcImagePlugin.getiptcinfo(image) or {}
    except Exception:  # noqa: BLE001  malformed data raises struct.error, SyntaxError, TypeError, ...
        return {}
    return {number: value if isinstance(value, list) else [value] for number, value in found.items()}


def png_texts(image: Image.Image) -> dict[str, str]:
    """The text chunks of a PNG by keyword, in lower case."""
    return {str(key).lower(): value for key, value in image.info.items() if isinstance(value, str)}


def png_time(stream: BinaryIO) -> str:
    """The last change in a PNG's tIME chunk, ISO 8601 in UTC; "" without one. Pillow ignores the chunk."""
    at = 8
    for _ in range(MAX_CHUNKS):
        stream.seek(at)
        head = stream.read(8)
        size = int.from_bytes(head[:4])
        if head[4:] == b"tIME":
            return _iso_time(stream.read(min(size, _TIME_SIZE)))
        if len(head) < 8 or head[4:] == b"IEND":
            break
        at += size + 12
    return ""


def _iso_time(time: bytes) -> str:
    if len(time) < _TIME_SIZE:
        return ""
    year, (month, day, hour, minute, second) = int.from_bytes(time[:2]), time[2:]
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"


def _raw_profile(image: Image.Image, kind: str) -> bytes:
    """A profile that ImageMagick wrote as PNG text: lines with name, length and hexadecimal digits."""
    found = image.info.get(f"Raw profile type {kind}")
    lines = found[: 3 * MAX_PACKET_BYTES].split("\n") if isinstance(found, str) else []
    try:
        return binascii.unhexlify("".join(lines[3:]).replace(" ", ""))
    except ValueError:
        return b""


def _parsed(packet: bytes) -> ET.Element | None:
    """The root element, from the first MAX_PACKET_BYTES of a packet; None if they are invalid."""
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
