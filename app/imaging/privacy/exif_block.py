"""Rebuild an EXIF block from the tags that may be published; values are copied byte by byte, in the same byte order.

Pillow would change values: it writes UTF-8 names as question marks and drops the embedded thumbnail. It reads the
result in `residue.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from PIL.ExifTags import IFD

from app.errors import CannotBeCleaned
from app.imaging.privacy import tags
from app.imaging.privacy.exif_writer import LENGTH, LONG, START, Directory, Entry, Order, exif_bytes
from app.imaging.privacy.jpeg_segments import without_metadata

PREFIX = b"Exif\0\0"
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 129: 1}
_TEXTS = (2, 129)  # ASCII, and the UTF-8 of EXIF 3.0
_MAX_ENTRIES = 1000
_MAX_VALUE_BYTES = 65_535  # longer values are maker notes or damage
_SERIAL_TEXTS = (0xA431, 0xA435, 0xC62F)


@dataclass(frozen=True)
class _Block:
    """A TIFF structure in memory; its offsets may be invalid."""

    data: bytes
    order: Order

    @classmethod
    def of(cls, data: bytes) -> _Block | None:
        order: Order | None = {b"II*\0": "little", b"MM\0*": "big"}.get(data[:4])  # type: ignore[assignment]
        return cls(data, order) if order and len(data) >= 14 else None

    def number(self, at: int, size: int) -> int:
        return int.from_bytes(self.data[at : at + size], self.order)

    def entries(self, at: int) -> Iterator[tuple[int, Entry]]:
        """Yield the readable tags of the directory at an offset; of a repeated tag only the first."""
        count = self.number(at, 2) if 8 <= at <= len(self.data) - 2 else 0
        seen = set()
        for place in range(at + 2, min(at + 2 + 12 * min(count, _MAX_ENTRIES), len(self.data) - 11), 12):
            tag, entry = self.number(place, 2), self._entry(place)
            if entry is not None and tag not in seen:
                seen.add(tag)
                yield tag, entry

    def _entry(self, place: int) -> Entry | None:
        kind, count = self.number(place + 2, 2), self.number(place + 4, 4)
        size = _SIZES.get(kind, 0) * count
        at = place + 8 if size <= 4 else self.number(place + 8, 4)
        fits = 0 < size <= min(_MAX_VALUE_BYTES, len(self.data) - at)
        return Entry(kind, count, self.data[at : at + size]) if fits else None

    def following(self, at: int) -> int:
        """The offset of the next directory; 0 if there is none."""
        return self.number(at + 2 + 12 * self.number(at, 2), 4)

    def pointer(self, directory: Mapping[int, Entry], tag: int) -> int:
        entry = directory.get(tag)
        return int.from_bytes(entry.value, self.order) if entry and entry.kind in (LONG, 13) else 0


def cleaned(data: bytes) -> bytes:
    """The block without location, serial numbers and maker notes; b"" if nothing is left or it is unreadable."""
    block = _Block.of(data)
    if block is None:
        return b""
    main = dict(block.entries(block.number(4, 4)))
    photo = dict(block.entries(block.pointer(main, IFD.Exif)))
    interop = dict(block.entries(block.pointer(photo, IFD.Interop)))
    kept = (_kept(main, tags.MAIN), _kept(photo, tags.PHOTO), _kept(interop, tags.INTEROP))
    small, thumbnail = _thumbnail(block)
    return exif_bytes(block.order, *kept, small, thumbnail) if any(kept) or thumbnail else b""


def _kept(directory: Directory, which: str) -> Directory:
    found = {}
    for tag, entry in directory.items():
        if tag in tags.NUMBERS[which] and entry.kind not in _TEXTS and len(entry.value) <= tags.MAX_NUMBER_BYTES[which]:
            found[tag] = entry
        elif tag in tags.TEXTS[which] and (words := _text(tag, entry)):
            found[tag] = words
    return found


def _text(tag: int, entry: Entry) -> Entry | None:
    """A text up to its NUL, or None for another type; bytes after the NUL are dropped, as they may contain anything."""
    if tag in tags.UTF16:
        units = [entry.value[at : at + 2] for at in range(0, len(entry.value) - 1, 2)]
        text = b"".join(units[: units.index(b"\0\0")] if b"\0\0" in units else units) + b"\0\0"
        return Entry(1, len(text), text) if entry.kind in (1, 7) else None
    if entry.kind not in _TEXTS:
        return None
    parts = 2 if tag == 0x8298 else 1  # the photographer's copyright, NUL, the editor's
    text = b"\0".join(entry.value.split(b"\0")[:parts]).rstrip(b"\0") + b"\0"
    return Entry(entry.kind, len(text), text)


def _thumbnail(block: _Block) -> tuple[Directory, bytes]:
    """The directory of the thumbnail, and the thumbnail, a JPEG, without metadata; both empty without one."""
    first = block.number(4, 4)
    directory = dict(block.entries(block.following(first)))
    start, length = block.pointer(directory, START), block.pointer(directory, LENGTH)
    try:
        thumbnail = without_metadata(block.data[start : start + length]) if start and length else b""
    except CannotBeCleaned:
        thumbnail = b""
    if not thumbnail:
        return {}, b""
    return _kept(directory, tags.THUMBNAIL), thumbnail


def private_values(data: bytes) -> set[bytes]:
    """The bytes of coordinates and serial numbers in a block, to search for in the cleaned file."""
    block = _Block.of(data)
    if block is None:
        return set()
    main = dict(block.entries(block.number(4, 4)))
    photo = dict(block.entries(block.pointer(main, IFD.Exif)))
    position = dict(block.entries(block.pointer(main, IFD.GPSInfo)))
    found = [position[tag].value for tag in tags.POSITION_TAGS if tag in position]
    found += [each[tag].value.strip(b"\0 ") for each in (main, photo) for tag in _SERIAL_TEXTS if tag in each]
    return {value for value in found if len(value) >= 6 and len(set(value)) >= 5}  # excludes "000000" and 0/1 0/1 0/1
