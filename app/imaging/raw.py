"""Camera RAW files: the embedded JPEG previews, and the EXIF of the container.

Each of the eight RAW formats stores the JPEG in another place, so it is found by its first bytes. Pillow reads the
header of each candidate and rejects the lossless JPEGs that contain sensor data (12 to 16 bits).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO, cast

from PIL.ExifTags import Base
from PIL.JpegImagePlugin import JpegImageFile

from app.imaging import formats, tiff_pages
from app.imaging.exif import Exif
from app.imaging.formats import ImageFormat
from app.imaging.guard import GuardedStream
from app.imaging.limits import Deadline
from app.imaging.opening import open_jpeg

BLOCK = 4 * 1024 * 1024
# Sensor data contains the three bytes by chance once in 16 million; real files contain up to five JPEGs.
MAX_CANDIDATES = 64
_SOI = b"\xff\xd8\xff"
_REDUCED = 1  # NewSubfileType: a smaller version of another image in the file
_SUB_IFDS, _SUBFILE_TYPE, _DNG_VERSION = 0x014A, 0x00FE, 0xC612
_MAKERS = {"NIKON": formats.NEF, "SONY": formats.ARW}


def format_behind_tiff(stream: BinaryIO) -> ImageFormat | None:
    """The RAW format of a file with a TIFF signature; None for a real TIFF or an unreadable directory.

    A RAW begins with a reduced image and has subdirectories, but no top-level page of full size.
    """
    tags = _directory(stream).main
    if _DNG_VERSION in tags:
        return formats.DNG
    if _SUB_IFDS not in tags or tags.get(_SUBFILE_TYPE) != _REDUCED:
        return None
    make = str(tags.get(Base.Make, "")).upper()
    known = next((row for maker, row in _MAKERS.items() if make.startswith(maker)), None)
    return known or (formats.DNG if tiff_pages.main_page(stream) is None else None)


def read_exif(stream: BinaryIO, row: ImageFormat) -> Exif:
    """The EXIF of the container; empty for RAF, which stores it in the preview."""
    if row is formats.CR3:
        return _canon_boxes(stream)
    return _directory(stream)


def previews(stream: BinaryIO, deadline: Deadline) -> list[JpegImageFile]:
    """The embedded JPEGs, opened but not decoded, largest first."""
    found = []
    for _, start in zip(range(MAX_CANDIDATES), _jpeg_starts(stream, deadline), strict=False):
        guarded = cast(BinaryIO, GuardedStream(stream, deadline, start))
        try:
            image = open_jpeg(guarded)
        except Exception:  # noqa: BLE001, S112  false matches are expected
            continue
        if isinstance(image, JpegImageFile):
            found.append(image)
    return sorted(found, key=lambda image: image.width * image.height, reverse=True)


def _jpeg_starts(stream: BinaryIO, deadline: Deadline) -> Iterator[int]:
    """Yield the offsets at which a JPEG may begin; the caller may move the stream in between."""
    guarded = GuardedStream(stream, deadline)
    base, tail = 0, b""
    while block := _read_at(guarded, base + len(tail)):
        window = tail + block
        at = window.find(_SOI)
        while at >= 0:
            yield base + at
            at = window.find(_SOI, at + 1)
        tail = window[-2:]
        base += len(window) - len(tail)


def _read_at(stream: GuardedStream, offset: int) -> bytes:
    stream.seek(offset)
    return stream.read(BLOCK)


def _directory(stream: BinaryIO) -> Exif:
    """The EXIF of a file with TIFF structure, including ORF and RW2, which change two bytes of the signature."""
    stream.seek(0)
    order = stream.read(2)
    magic = {b"II": b"II*\0", b"MM": b"MM\0*"}.get(order)
    return Exif.parse(cast(BinaryIO, _WithTiffMagic(stream, magic))) if magic else Exif({}, {}, {})


def _canon_boxes(stream: BinaryIO) -> Exif:
    """The EXIF of a CR3, from three boxes with a TIFF each: CMT1 (main), CMT2 (photo) and CMT4 (GPS)."""
    stream.seek(0)
    head = stream.read(256 * 1024)
    parts = [_box(head, name) for name in (b"CMT1", b"CMT2", b"CMT4")]
    main, photo, position = (Exif.parse(io.BytesIO(part)).main if part else {} for part in parts)
    return Exif(main, photo, position)


def _box(head: bytes, name: bytes) -> bytes:
    at = head.find(name)
    return head[at + 4 : at - 4 + int.from_bytes(head[at - 4 : at])] if at >= 4 else b""


class _WithTiffMagic(io.RawIOBase):
    """Another stream, with its first four bytes replaced by `magic`."""

    def __init__(self, stream: BinaryIO, magic: bytes) -> None:
        self._stream = stream
        self._magic = magic
        stream.seek(0)

    def read(self, size: int = -1, /) -> bytes:
        at = self._stream.tell()
        data = self._stream.read(size)
        return self._magic[at:] + data[len(self._magic[at:]) :] if at < 4 and len(data) >= 4 else data

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()
