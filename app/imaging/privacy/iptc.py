"""The IPTC records of a Photoshop segment (APP13) written anew, without the words for places."""

from __future__ import annotations

from collections.abc import Iterator

HEAD = b"Photoshop 3.0\0"
_RECORDS = b"\x04\x04"  # the image resource that holds IPTC
_CHARSET = (1, 90)
# IIM 4.2, record 2: version, title, urgency, keywords, dates and times, by-line and its title, headline, credit,
# source, copyright, contact, caption, its writer.
_KEPT = frozenset({0, 5, 10, 25, 55, 60, 62, 63, 80, 85, 105, 110, 115, 116, 118, 120, 122})


def cleaned(data: bytes) -> bytes:
    """The resources of all such segments together, as one segment's content; b"" where nothing is left to say."""
    records = [
        record for identity, content in _resources(data) if identity == _RECORDS for record in _datasets(content)
    ]
    kept = b"".join(raw for number, raw in records if number == _CHARSET or (number[0] == 2 and number[1] in _KEPT))
    if not any(number[0] == 2 and number[1] in _KEPT - {0} for number, _ in records):
        return b""
    return HEAD + b"8BIM" + _RECORDS + b"\0\0" + len(kept).to_bytes(4) + kept + b"\0" * (len(kept) % 2)


def _resources(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Number and content of each, as far as they follow one another."""
    at = 0
    while data[at : at + 4] == b"8BIM" and at + 12 <= len(data):
        name = 1 + data[at + 6]
        start = at + 6 + name + name % 2
        size = int.from_bytes(data[start : start + 4])
        yield data[at + 4 : at + 6], data[start + 4 : start + 4 + size]
        at = start + 4 + size + size % 2


def _datasets(data: bytes) -> Iterator[tuple[tuple[int, int], bytes]]:
    """Record and dataset number of each with its bytes; ends before what is longer than it could be."""
    at = 0
    while data[at : at + 1] == b"\x1c" and at + 5 <= len(data):
        size = int.from_bytes(data[at + 3 : at + 5])
        if size >= 0x8000 or at + 5 + size > len(data):
            return
        yield (data[at + 1], data[at + 2]), data[at : at + 5 + size]
        at += 5 + size
