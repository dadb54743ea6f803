"""Parse IPTC's Information Interchange Model (IIM 4.2) and the Photoshop resources that contain it."""

from __future__ import annotations

from collections.abc import Iterator

RECORDS = b"\x04\x04"  # the image resource that holds IPTC
RESOURCE = b"8BIM"

Number = tuple[int, int]


def resources(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield number and content of each Photoshop resource, up to the first malformed one."""
    at = 0
    while data[at : at + 4] == RESOURCE and at + 12 <= len(data):
        name = 1 + data[at + 6]
        start = at + 6 + name + name % 2
        size = int.from_bytes(data[start : start + 4])
        yield data[at + 4 : at + 6], data[start + 4 : start + 4 + size]
        at = start + 4 + size + size % 2


def datasets(data: bytes) -> Iterator[tuple[Number, bytes]]:
    """Yield (record, dataset number) and raw bytes of each dataset, header included, up to the first malformed one."""
    at = 0
    while data[at : at + 1] == b"\x1c" and at + 5 <= len(data):
        size = int.from_bytes(data[at + 3 : at + 5])
        if size >= 0x8000 or at + 5 + size > len(data):
            return
        yield (data[at + 1], data[at + 2]), data[at : at + 5 + size]
        at += 5 + size


def contents(data: bytes) -> dict[Number, list[bytes]]:
    """The values of each dataset, in order, from bare IPTC records or from Photoshop resources."""
    if data.startswith(RESOURCE):
        data = b"".join(content for number, content in resources(data) if number == RECORDS)
    found: dict[Number, list[bytes]] = {}
    for number, raw in datasets(data):
        found.setdefault(number, []).append(raw[5:])
    return found
