"""GIF without the extensions before its first picture that say nothing of pixels: Pillow may read beyond their ends."""

from __future__ import annotations

import io
from typing import IO

from app.imaging.spliced import Part

_HEAD_BYTES = 13
_EXTENSION, _CONTROL = b"!", 0xF9


def parts_of(stream: IO[bytes]) -> list[Part]:
    """The file, of whose extensions before the first picture only those are left that control its display."""
    end = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    head = stream.read(_HEAD_BYTES)
    flags = head[10] if len(head) == _HEAD_BYTES else 0
    at = _HEAD_BYTES + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
    parts: list[Part] = [range(min(at, end))]
    stream.seek(at)
    while (start := stream.read(2))[:1] == _EXTENSION and len(start) == 2:
        behind = _behind_blocks(stream)
        if start[1] == _CONTROL:
            parts[1:] = [range(at, behind)]  # the last one counts
        at = behind
    return [*parts, range(at, end)]


def _behind_blocks(stream: IO[bytes]) -> int:
    """Where the block of no bytes ends that ends an extension; the stream is there."""
    while (length := stream.read(1)) not in (b"", b"\0"):
        stream.seek(length[0], io.SEEK_CUR)
    return stream.tell()
