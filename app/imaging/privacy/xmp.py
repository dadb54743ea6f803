"""Rebuild an XMP packet from properties that may be published: creator, title, dates and the like."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

MAX_BYTES = 1_000_000
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
# By namespace: its usual prefix, and the properties to keep. Places are in photoshop:City, Iptc4xmpCore:Location,
# Iptc4xmpExt and exif:GPS*, serial numbers in aux and exifEX; all properties that are not listed are removed.
KEPT: dict[str, tuple[str, frozenset[str]]] = {
    "http://purl.org/dc/elements/1.1/": (
        "dc",
        frozenset({"title", "description", "creator", "rights", "subject", "format"}),
    ),
    "http://ns.adobe.com/xap/1.0/": (
        "xmp",
        frozenset({"Rating", "Label", "CreateDate", "ModifyDate", "MetadataDate", "CreatorTool"}),
    ),
    "http://ns.adobe.com/xap/1.0/rights/": (
        "xmpRights",
        frozenset({"Marked", "Owner", "UsageTerms", "WebStatement", "Certificate"}),
    ),
    "http://ns.adobe.com/photoshop/1.0/": (
        "photoshop",
        frozenset({"Credit", "Source", "Headline", "AuthorsPosition", "DateCreated", "ICCProfile"}),
    ),
    "http://ns.adobe.com/exif/1.0/aux/": ("aux", frozenset({"Lens", "LensInfo"})),
    "http://ns.adobe.com/tiff/1.0/": ("tiff", frozenset({"Orientation", "Make", "Model"})),
}
_LISTS = {f"{_RDF}{name}": name for name in ("Alt", "Bag", "Seq")}
_HEAD = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
_OPEN = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
_END = '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'


def cleaned(packet: bytes) -> bytes:
    """The packet with the properties in KEPT only; b"" if none is left or the packet is unreadable."""
    root = _parsed(packet)
    found: dict[tuple[str, str], str] = {}
    for uri, name, inside in _properties(root) if root is not None else ():
        if name in KEPT.get(uri, ("", frozenset()))[1] and inside:
            found.setdefault((uri, name), inside)
    if not found:
        return b""
    names = "".join(f" xmlns:{KEPT[uri][0]}={quoteattr(uri)}" for uri in sorted({uri for uri, _ in found}))
    lines = (f"<{KEPT[uri][0]}:{name}>{inside}</{KEPT[uri][0]}:{name}>" for (uri, name), inside in found.items())
    return f"{_HEAD}{_OPEN}{names}>{''.join(lines)}{_END}".encode()


def _parsed(packet: bytes) -> ET.Element | None:
    if len(packet) > MAX_BYTES:
        return None
    try:
        text = packet.decode("utf-8-sig").strip("\0 \r\n\t")
        return None if "<!DOCTYPE" in text else ET.fromstring(text)  # noqa: S314  entities need a DOCTYPE
    except (ET.ParseError, ValueError, LookupError, RecursionError):
        return None


def _properties(root: ET.Element) -> Iterator[tuple[str, str, str]]:
    """Yield namespace, name and inner XML of each property of the top-level descriptions."""
    for rdf in root.iter(f"{_RDF}RDF"):
        for description in rdf.findall(f"{_RDF}Description"):
            for name, value in description.attrib.items():
                yield *_split(name), escape(value)
            for child in description:
                yield *_split(child.tag), _inside(child)


def _split(name: str) -> tuple[str, str]:
    uri, _, local = name.removeprefix("{").rpartition("}")
    return uri, local


def _inside(element: ET.Element) -> str:
    """The inner XML of a plain text or of one list of plain texts; "" for any other structure."""
    children = list(element)
    if not children:
        return escape((element.text or "").strip())
    kind = _LISTS.get(children[0].tag)
    if len(children) > 1 or kind is None:
        return ""
    items = "".join(_item(item) for item in children[0] if item.tag == f"{_RDF}li" and not len(item))
    return f"<rdf:{kind}>{items}</rdf:{kind}>" if items else ""


def _item(item: ET.Element) -> str:
    language = item.get(_LANGUAGE)
    attribute = f" xml:lang={quoteattr(language)}" if language else ""
    return f"<rdf:li{attribute}>{escape(item.text or '')}</rdf:li>"
