"""ICC profiles for colour spaces that a picture names without carrying the profile."""

from __future__ import annotations

import struct

# Red, green and blue in XYZ, adapted to D50. Adobe RGB (1998) Color Image Encoding, version 2005-05, annex A.
Primaries = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]
ADOBE_RGB: Primaries = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
_D50 = (0.9642, 1.0, 0.8249)
_HEADER_BYTES, _TAG_BYTES = 128, 12


def matrix_profile(name: str, primaries: Primaries, gamma: float) -> bytes:
    """An ICC version 2 display profile of three primaries and one gamma (ICC.1:2001-04, 6.3.1.2 and 6.5)."""
    curve = b"curv" + struct.pack(">4xIHxx", 1, round(gamma * 256))
    tags = {b"desc": _description(name), b"cprt": b"text\0\0\0\0none\0\0\0\0", b"wtpt": _xyz(_D50)}
    tags |= {key: _xyz(value) for key, value in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    offset = _HEADER_BYTES + 4 + _TAG_BYTES * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for key, data in tags.items():
        table += key + struct.pack(">II", offset + len(body), len(data))
        body += data
    return _header(len(table) + len(body)) + table + body


def _header(length: int) -> bytes:
    kinds = struct.pack(">I4sI4s4s4s", _HEADER_BYTES + length, b"none", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    dates = struct.pack(">6H4s", 2000, 1, 1, 0, 0, 0, b"acsp")
    return (kinds + dates + bytes(28) + _xyz(_D50)[8:]).ljust(_HEADER_BYTES, b"\0")


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))


def _description(name: str) -> bytes:
    text = name.encode("ascii") + b"\0"
    data = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)
    return data.ljust(-(-len(data) // 4) * 4, b"\0")
