"""Hide a truncated last WebP chunk from Pillow, which would otherwise reject the file."""

from __future__ import annotations

import io
from typing import IO

from app.imaging.spliced import Part

_HEAD_BYTES = 12
_PIXEL_CHUNKS = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"})


def parts_of(stream: IO[bytes]) -> list[Part]:
    """The parts of the file up to its last complete chunk, with the RIFF length corrected."""
    end = stream.seek(0, io.SEEK_END)
    at = _HEAD_BYTES
    while at + 8 <= end:
        stream.seek(at)
        name, length = stream.read(4), int.from_bytes(stream.read(4), "little")
        if at + 8 + length > end:
            if name in _PIXEL_CHUNKS:
                return [range(end)]
            break
        at = min(end, at + 8 + length + length % 2)
    if at == end:
        return [range(end)]
    return [b"RIFF" + (at - 8).to_bytes(4, "little"), range(8, at)]
