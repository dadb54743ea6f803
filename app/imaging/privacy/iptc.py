"""Rebuild the IPTC records of a Photoshop segment (APP13) without place names."""

from __future__ import annotations

from app.imaging.iim import RECORDS, RESOURCE, datasets, resources

HEAD = b"Photoshop 3.0\0"
_CHARSET = (1, 90)
# IIM 4.2, record 2: version, title, urgency, keywords, dates and times, by-line and its title, headline, credit,
# source, copyright, contact, caption, its writer.
_KEPT = frozenset({0, 5, 10, 25, 55, 60, 62, 63, 80, 85, 105, 110, 115, 116, 118, 120, 122})


def cleaned(data: bytes) -> bytes:
    """The content of one segment, cleaned, from the joined resources of all; b"" if no record is left."""
    records = [record for identity, content in resources(data) if identity == RECORDS for record in datasets(content)]
    kept = b"".join(raw for number, raw in records if number == _CHARSET or (number[0] == 2 and number[1] in _KEPT))
    if not any(number[0] == 2 and number[1] in _KEPT - {0} for number, _ in records):
        return b""
    return HEAD + RESOURCE + RECORDS + b"\0\0" + len(kept).to_bytes(4) + kept + b"\0" * (len(kept) % 2)
