"""What a person wrote about a picture: rating, keywords, caption, credits; from XMP or, where that is silent, IPTC."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageFile, IptcImagePlugin

from app.imaging.exif import MAX_TEXT, text

MAX_KEYWORDS = 200
# A packet of 64 KB fits into one JPEG segment; panoramas and depth maps put megabytes behind it, none of it words.
MAX_PACKET_BYTES = 1_000_000
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_XMP = "{http://ns.adobe.com/xap/1.0/}"
# IIM 4.2, record 2: keywords, caption, by-line, copyright notice.
_KEYWORDS, _CAPTION, _BY_LINE, _COPYRIGHT = (2, 25), (2, 120), (2, 80), (2, 116)


@dataclass(frozen=True)
class Captions:
    """Words, and a rating of 1 to 5 stars or -1 for rejected; None or empty where nothing was written."""

    rating: int | None = None
    keywords: tuple[str, ...] = ()
    caption: str = ""
    creator: str = ""
    copyright: str = ""


def read_captions(image: Image.Image) -> Captions:
    """What the opened picture carries; never raises, whatever it holds."""
    written, filed = _from_xmp(_packet(image)), _from_iptc(_iptc(image))
    return Captions(
        rating=written.rating,
        keywords=written.keywords or filed.keywords,
        caption=written.caption or filed.caption,
        creator=written.creator or filed.creator,
        copyright=written.copyright or filed.copyright,
    )


def _packet(image: Image.Image) -> bytes:
    found = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    packet = found.encode() if isinstance(found, str) else bytes(found) if isinstance(found, bytes) else b""
    return packet.strip(b"\0 \n\r\t") if len(packet) <= MAX_PACKET_BYTES else b""


def _from_xmp(packet: bytes) -> Captions:
    try:
        root = ET.fromstring(packet)  # noqa: S314  expat refuses entity bombs since 2.4.1
    except (ET.ParseError, ValueError, LookupError, RecursionError):
        return Captions()
    return Captions(
        rating=_rating(root),
        keywords=_clean(_items(root, f"{_DC}subject")),
        caption="".join(_items(root, f"{_DC}description")[:1]),
        creator=", ".join(_items(root, f"{_DC}creator")),
        copyright="".join(_items(root, f"{_DC}rights")[:1]),
    )


def _items(root: ET.Element, name: str) -> list[str]:
    """The texts in a property's bag, sequence or language alternatives."""
    found = [text(item.text) for parent in root.iter(name) for item in parent.iter(f"{_RDF}li")]
    return [item for item in found if item]


def _rating(root: ET.Element) -> int | None:
    """An attribute or an element, as the writing program liked."""
    attributes = (each.get(f"{_XMP}Rating") for each in root.iter(f"{_RDF}Description"))
    elements = (each.text for each in root.iter(f"{_XMP}Rating"))
    for found in (*attributes, *elements):
        if found and found.strip() in ("-1", "1", "2", "3", "4", "5"):
            return int(found)
    return None


def _iptc(image: Image.Image) -> Mapping[tuple[int, int], Any]:
    if not isinstance(image, ImageFile.ImageFile):
        return {}
    try:
        return IptcImagePlugin.getiptcinfo(image) or {}
    except Exception:  # noqa: BLE001  it parses what any program wrote: struct.error, SyntaxError, TypeError, ...
        return {}


def _from_iptc(records: Mapping[tuple[int, int], Any]) -> Captions:
    return Captions(
        keywords=_clean(_words(records.get(_KEYWORDS))),
        caption="".join(_words(records.get(_CAPTION))[:1]),
        creator=", ".join(_words(records.get(_BY_LINE)))[:MAX_TEXT],
        copyright="".join(_words(records.get(_COPYRIGHT))[:1]),
    )


def _words(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [word for word in (text(each) for each in values) if word]


def _clean(words: Iterable[str]) -> tuple[str, ...]:
    """Each keyword once, in the order they were given."""
    return tuple(dict.fromkeys(words))[:MAX_KEYWORDS]
