"""Split a JPEG into its segments (ITU T.81, annex B), from SOI to EOI."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.imaging.privacy.pieces import Source, check_part_count, checked_slice, cut_short, read

SOI, EOI, SOS, COM = 0xD8, 0xD9, 0xDA, 0xFE
APP0, APP1, APP2, APP13, APP14 = 0xE0, 0xE1, 0xE2, 0xED, 0xEE
# Markers that decoding needs: frames, tables, scans, restarts, line counts, and those of hierarchical JPEGs.
PICTURE = frozenset({*range(0xC0, 0xD0), *range(0xDA, 0xE0)})
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})  # without a length
_MARKER = re.compile(rb"\xff+[^\x00\xff]", re.DOTALL)
_AFTER_SCAN = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]", re.DOTALL)  # neither a stuffed byte nor a restart


@dataclass(frozen=True)
class Segment:
    """One segment; `place` is its slice of the file, with the marker and, for a scan, the scan's data."""

    marker: int
    place: slice
    body: slice


def segments(source: Source, start: int = 0) -> Iterator[Segment]:
    """Yield the segments between SOI and EOI; raises CannotBeCleaned if the file is damaged.

    Bytes between two segments are skipped, as in libjpeg.
    """
    at = start + 2
    for number in range(len(source)):
        check_part_count(number)
        found = _MARKER.search(source, at)
        if found is None:
            raise cut_short()
        marker, begin, at = source[found.end() - 1], found.end() - 2, found.end()
        if marker == EOI:
            return
        if marker in _WITHOUT_LENGTH:
            continue
        if marker < 0xC0:  # no program writes these: image data is damaged
            raise cut_short()
        length = int.from_bytes(read(source, at, 2))
        body = checked_slice(source, at + 2, length - 2)
        at = _end_of_scan(source, body.stop) if marker == SOS else body.stop
        yield Segment(marker, slice(begin, at), body)


def _end_of_scan(source: Source, start: int) -> int:
    found = _AFTER_SCAN.search(source, start)
    if found is None:
        raise cut_short()
    return found.start()


def without_metadata(data: bytes) -> bytes:
    """A JPEG with image data only; b"" if `data` is no JPEG; raises CannotBeCleaned for a damaged one."""
    if not data.startswith(b"\xff\xd8\xff"):
        return b""
    kept = [data[each.place] for each in segments(data) if each.marker in PICTURE]
    return b"\xff\xd8" + b"".join(kept) + b"\xff\xd9"
