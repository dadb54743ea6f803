"""Hide from Pillow the GIF extensions before the first image, because it may read past their ends."""

from __future__ import annotations

import io
from typing import IO

from app.imaging.spliced import Part

_HEAD_BYTES = 13
_EXTENSION, _CONTROL = b"!", 0xF9


def parts_of(stream: IO[bytes]) -> list[Part]:
    """The parts of the file without the extensions before the first image, except the last graphic control."""
    end = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    head = stream.read(_HEAD_BYTES)
    flags = head[10] if len(head) == _HEAD_BYTES else 0
    at = _HEAD_BYTES + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
    parts: list[Part] = [range(min(at, end))]
    stream.seek(at)
    while (start := stream.read(2))[:1] == _EXTENSION and len(start) == 2:
        end_of_extension = _end_of_blocks(stream)
        if start[1] == _CONTROL:
            parts[1:] = [range(at, end_of_extension)]  # only the last one applies
        at = end_of_extension
    return [*parts, range(at, end)]


def _end_of_blocks(stream: IO[bytes]) -> int:
    """Skip an extension's blocks up to the empty one; returns the position after it."""
    while (length := stream.read(1)) not in (b"", b"\0"):
        stream.seek(length[0], io.SEEK_CUR)
    return stream.tell()
