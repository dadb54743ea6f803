"""Rating, keywords, caption and credits of a picture, from XMP or else from IPTC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.imaging.exif import MAX_TEXT, text
from app.imaging.iim import Number
from app.imaging.packets import XMP

MAX_KEYWORDS = 200
_DC = "{http://purl.org/dc/elements/1.1/}"
_RATING = "{http://ns.adobe.com/xap/1.0/}Rating"
# IIM 4.2, record 2: keywords, caption, by-line, copyright notice.
_KEYWORDS, _CAPTION, _BY_LINE, _COPYRIGHT = (2, 25), (2, 120), (2, 80), (2, 116)


@dataclass(frozen=True)
class Captions:
    """Texts and a rating (1 to 5 stars, -1 for rejected); None or empty where missing."""

    rating: int | None = None
    keywords: tuple[str, ...] = ()
    caption: str = ""
    creator: str = ""
    copyright: str = ""


def read_captions(xmp: XMP, iptc: Mapping[Number, list[bytes]]) -> Captions:
    """The captions in XMP, completed from IPTC; never raises."""
    written, filed = _from_xmp(xmp), _from_iptc(iptc)
    return Captions(
        rating=written.rating,
        keywords=written.keywords or filed.keywords,
        caption=written.caption or filed.caption,
        creator=written.creator or filed.creator,
        copyright=written.copyright or filed.copyright,
    )


def _from_xmp(xmp: XMP) -> Captions:
    return Captions(
        rating=next((int(found) for found in xmp.values(_RATING) if found in ("-1", "1", "2", "3", "4", "5")), None),
        keywords=_clean(xmp.items(f"{_DC}subject")),
        caption="".join(xmp.items(f"{_DC}description")[:1]),
        creator=", ".join(xmp.items(f"{_DC}creator")),
        copyright="".join(xmp.items(f"{_DC}rights")[:1]),
    )


def _from_iptc(records: Mapping[Number, list[bytes]]) -> Captions:
    return Captions(
        keywords=_clean(_words(records.get(_KEYWORDS, []))),
        caption="".join(_words(records.get(_CAPTION, []))[:1]),
        creator=", ".join(_words(records.get(_BY_LINE, [])))[:MAX_TEXT],
        copyright="".join(_words(records.get(_COPYRIGHT, []))[:1]),
    )


def _words(values: Iterable[bytes]) -> list[str]:
    return [word for word in (text(each) for each in values) if word]


def _clean(words: Iterable[str]) -> tuple[str, ...]:
    """The keywords without duplicates, in their order."""
    return tuple(dict.fromkeys(words))[:MAX_KEYWORDS]
