"""A JPEG taken apart into its segments (ITU T.81, annex B), from SOI to EOI and no further."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.imaging.privacy.pieces import Source, count_part, cut_short, stretch, take

SOI, EOI, SOS, COM = 0xD8, 0xD9, 0xDA, 0xFE
APP0, APP1, APP2, APP13, APP14 = 0xE0, 0xE1, 0xE2, 0xED, 0xEE
# What decoding needs: frames, tables, scans, restarts, line counts and what hierarchical files add.
PICTURE = frozenset({*range(0xC0, 0xD0), *range(0xDA, 0xE0)})
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # without a length
_MARKER = re.compile(rb"\xff+[^\x00\xff]", re.DOTALL)
_AFTER_SCAN = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]", re.DOTALL)  # neither a stuffed byte nor a restart


@dataclass(frozen=True)
class Segment:
    """One segment: where it begins and ends in the file, its marker included; of a scan, with its data."""

    marker: int
    place: slice
    body: slice


def segments(source: Source, start: int = 0) -> Iterator[Segment]:
    """Everything between SOI and EOI; raises CannotBeCleaned where that is not to be told.

    What lies between two segments is skipped, as libjpeg does.
    """
    at = start + 2
    for number in range(len(source)):
        count_part(number)
        found = _MARKER.search(source, at)
        if found is None:
            raise cut_short()
        marker, begin, at = source[found.end() - 1], found.end() - 2, found.end()
        if marker == EOI:
            return
        if marker in _ALONE:
            continue
        if marker < 0xC0:  # no program writes these: the picture's data are damaged, and decoders guess where to go on
            raise cut_short()
        length = int.from_bytes(take(source, at, 2))
        body = stretch(source, at + 2, length - 2)
        at = _end_of_scan(source, body.stop) if marker == SOS else body.stop
        yield Segment(marker, slice(begin, at), body)


def _end_of_scan(source: Source, start: int) -> int:
    found = _AFTER_SCAN.search(source, start)
    if found is None:
        raise cut_short()
    return found.start()


def bare(data: bytes) -> bytes:
    """A JPEG with nothing but its picture; b"" for what is none; raises CannotBeCleaned for a damaged one."""
    if not data.startswith(b"\xff\xd8\xff"):
        return b""
    kept = [data[each.place] for each in segments(data) if each.marker in PICTURE]
    return b"\xff\xd8" + b"".join(kept) + b"\xff\xd9"
