"""Read JPEG headers without the segments that are unused or that Pillow cannot read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO

from app.imaging.colour import MAX_PROFILE_BYTES

# A segment has up to 64 KB; a colour profile takes several.
MAX_EXIF_BYTES = 1_000_000
MAX_BYTES = 2 * MAX_PROFILE_BYTES
# A longer header is passed to the decoder unchanged.
MAX_HEADER_BYTES = 16_000_000
_EXIF = b"Exif\0\0"
_SCAN, _COMMENT = 0xDA, 0xFE
_METADATA = frozenset({*range(0xE0, 0xF0), _COMMENT})
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xDA)})
# Metadata that is kept, by marker: first bytes and minimum length (libjpeg ignores shorter JFIF and Adobe segments).
_KNOWN: dict[int, tuple[tuple[bytes, int], ...]] = {
    0xE0: ((b"JFIF\0", 14),),
    0xE1: ((b"http://ns.adobe.com/xap/1.0/\0", 29),),
    0xE2: ((b"ICC_PROFILE\0", 14),),
    0xED: ((b"Photoshop 3.0\0", 14),),
    0xEE: ((b"Adobe", 12),),
}


@dataclass
class Header:
    """The header of a JPEG: the bytes `kept` for Pillow, the `exif` block, and the offset `rest` of the scans."""

    kept: bytearray = field(default_factory=bytearray)
    exif: bytearray = field(default_factory=bytearray)
    rest: int = 0
    allowance: int = MAX_BYTES

    def take(self, marker: int, segment: bytes) -> None:
        """Add a segment (with marker and length) to `kept` or `exif`, or drop it."""
        body = segment[4:]
        if marker not in _METADATA:
            self.kept += segment
        elif marker == 0xE1 and body.startswith(_EXIF):
            self._add_exif(body)
        elif len(segment) <= self.allowance and _is_known(marker, body):
            self.allowance -= len(segment)
            self.kept += segment

    def _add_exif(self, body: bytes) -> None:
        """Add an EXIF segment; like Pillow, drop the name of all but the first."""
        part = body[len(_EXIF) :] if self.exif else body
        if len(self.exif) + len(part) <= MAX_EXIF_BYTES:
            self.exif += part


def read_header(stream: IO[bytes]) -> Header:
    """Read the header of a JPEG."""
    stream.seek(0)
    found = Header(bytearray(stream.read(2)), rest=2)
    while len(found.kept) < MAX_HEADER_BYTES and len(start := stream.read(4)) == 4:
        marker, length = start[1], int.from_bytes(start[2:])
        if start[0] != 0xFF or marker in _WITHOUT_LENGTH or marker in (0xFF, _SCAN) or length < 2:
            break
        segment = start + stream.read(length - 2)
        if len(segment) < length + 2:
            break
        found.take(marker, segment)
        found.rest = stream.tell()
    return found


def _is_known(marker: int, body: bytes) -> bool:
    known = any(body.startswith(name) and len(body) >= least for name, least in _KNOWN.get(marker, ()))
    return known and (marker != 0xED or _has_whole_resources(body))


def _has_whole_resources(body: bytes) -> bool:
    """Whether every Photoshop resource has a complete header; Pillow would read past the end of one without."""
    at = len(b"Photoshop 3.0\0")
    while body[at : at + 4] == b"8BIM":
        if len(body) < at + 7:
            return False
        data = at + 7 + body[at + 6]
        data += data & 1
        if len(body) < data + 4:
            return False
        at = data + 4 + int.from_bytes(body[data : data + 4])
        at += at & 1
    return True
