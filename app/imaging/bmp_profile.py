"""Read the ICC profile after the pixels of a version 5 BMP, which Pillow ignores."""

from __future__ import annotations

import struct
from typing import BinaryIO

_FILE_HEADER = 14
_VERSION_5 = 124  # bytes of its header
_EMBEDDED = 0x4D424544  # PROFILE_EMBEDDED in bV5CSType; a linked profile is not in the file
MAX_BYTES = 4_000_000


def read(stream: BinaryIO) -> dict[str, bytes]:
    """The profile under Pillow's key, `icc_profile`; empty without one, or if it is outside the file."""
    stream.seek(_FILE_HEADER)
    header = stream.read(_VERSION_5)
    if len(header) < _VERSION_5 or struct.unpack_from("<I", header)[0] != _VERSION_5:
        return {}
    (space,) = struct.unpack_from("<I", header, 56)
    offset, size = struct.unpack_from("<II", header, 112)
    if space != _EMBEDDED or size > MAX_BYTES:
        return {}
    stream.seek(_FILE_HEADER + offset)
    found = stream.read(size)
    return {"icc_profile": found} if found else {}
