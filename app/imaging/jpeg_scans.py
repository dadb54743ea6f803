"""Find the scans and the last usable byte of a JPEG that is cut short (ITU T.81, annex B)."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import IO

COEFFICIENTS = 64
BLOCK = 1 << 20
# Recovery tools and cameras fill the rest of a file with zeros; a shorter run may be image data.
FILLING = 16
END_OF_IMAGE = b"\xff\xd9"
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
_SCAN, _END = 0xDA, END_OF_IMAGE[1]
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_WITHOUT_LENGTH = frozenset({0x01, 0xD8, *range(0xD0, 0xD8)})


@dataclass
class Scans:
    """The scans of a file: how many begin, and the offset `end` up to which it can be decoded.

    `finest` maps (component, coefficient) to the number of low bits for which no scan has begun.
    """

    begun: int = 0
    end: int = 0
    progressive: bool = False
    components: tuple[int, ...] = ()
    finest: dict[tuple[int, int], int] = field(default_factory=dict)

    @property
    def all_begun(self) -> bool:
        """Whether scans for all bits of all coefficients have begun."""
        wanted = ((each, number) for each in self.components for number in range(COEFFICIENTS))
        return bool(self.components) and all(self.finest.get(each) == 0 for each in wanted)

    def add_frame(self, marker: int, body: bytes) -> None:
        """Store the components of a frame header."""
        self.progressive = marker in _PROGRESSIVE
        self.components = tuple(body[6 : 6 + 3 * body[5] : 3]) if len(body) > 5 else ()

    def add_scan(self, body: bytes) -> None:
        """Store which coefficients and bits a scan header announces."""
        self.begun += 1
        count = body[0] if body else 0
        first, last, bits = body[1 + 2 * count : 4 + 2 * count] if len(body) >= 4 + 2 * count else (0, -1, 0)
        if not self.progressive:
            first, last, bits = 0, COEFFICIENTS - 1, 0
        for component in body[1 : 1 + 2 * count : 2]:
            self.finest.update({(component, number): bits & 15 for number in range(first, last + 1)})


def scans_of(stream: IO[bytes]) -> Scans:
    """The scans of a JPEG in a seekable stream."""
    found, end = Scans(), _used_length(stream)
    at = 2
    while (at := _next_marker(stream, at, end)) < end:
        stream.seek(at)
        marker, length = stream.read(2)[1], int.from_bytes(stream.read(2))
        if marker == _END:
            break
        if marker in _WITHOUT_LENGTH:
            at += 2
            continue
        if at + 2 + length > end:  # the segment is cut short
            break
        _record(found, marker, stream.read(max(0, length - 2)))
        at += 2 + max(2, length)
    found.end = at
    return found


def ends_with_filling(stream: IO[bytes]) -> bool:
    """Whether a file ends with zeros but without an end marker before them; libjpeg would decode them as image data."""
    length = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, length - FILLING))
    if stream.read(FILLING) != bytes(FILLING):
        return False
    stream.seek(max(0, _end_of_data(stream, length) - 2))
    return stream.read(2) != END_OF_IMAGE


def _record(found: Scans, marker: int, body: bytes) -> None:
    if marker in _FRAMES:
        found.add_frame(marker, body)
    elif marker == _SCAN:
        found.add_scan(body)


def _used_length(stream: IO[bytes]) -> int:
    """The length of a file without trailing zeros, and without half a marker at its end."""
    end = stream.seek(0, io.SEEK_END)
    last = _end_of_data(stream, end)
    if end - last >= FILLING:
        end = last
    stream.seek(max(0, end - 1))
    return end - 1 if stream.read(1) == b"\xff" else end


def _end_of_data(stream: IO[bytes], end: int) -> int:
    """The position after the last byte that is not zero."""
    while end > 0:
        start = max(0, end - BLOCK)
        stream.seek(start)
        block = stream.read(end - start)
        if stripped := block.rstrip(b"\0"):
            return start + len(stripped)
        end = start
    return 0


def _next_marker(stream: IO[bytes], at: int, end: int) -> int:
    """The position of the next marker that is neither a restart nor stuffing; `end` if there is none."""
    while at < end:
        stream.seek(at)
        block = stream.read(min(BLOCK, end - at))
        if found := _MARKER.search(block):
            return at + found.start()
        at += max(1, len(block) - 1)  # a marker may cross two blocks
    return end
