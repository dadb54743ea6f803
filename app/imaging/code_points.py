"""Read colour spaces given as ITU-T H.273 code points (CICP), from a PNG chunk or an AVIF or HEIC box."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

from app.imaging import boxes, formats
from app.imaging.formats import ImageFormat
from app.imaging.spaces import BT709, D65, SRGB, Chromaticities, Curve

PQ, HLG = 16, 18
# The peak of the mastering display in cd/m2 if the file names none (ITU-R BT.2408).
USUAL_PEAK = 1000.0
# The camera curve of television is decoded as displays do it (ITU-R BT.1886), not by its inverse.
_BROADCAST = Curve(2.4)
_C, _DCI = (0.310, 0.316), (0.314, 0.351)
_NTSC: Chromaticities = (*D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070)

# H.273, tables 2 and 3, without logarithmic curves and reserved numbers, which browsers treat as sRGB.
PRIMARIES: dict[int, Chromaticities] = {
    1: BT709,
    4: (*_C, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: _NTSC,
    7: _NTSC,
    8: (*_C, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049),
    9: (*D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    10: (1 / 3, 1 / 3, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0),
    11: (*_DCI, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    22: (*D65, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077),
}
CURVES: dict[int, Curve] = {
    **dict.fromkeys((1, 6, 11, 14, 15), _BROADCAST),
    4: Curve(2.2),
    5: Curve(2.8),
    7: Curve(1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4.0, 0.0912),
    8: Curve(1.0),
    13: SRGB,
    17: Curve(2.6, (52.37 / 48) ** (1 / 2.6)),
}
# Camera curves that AVIF and HEIC files name for sRGB pictures; browsers treat them as sRGB.
_MEANT_AS_SRGB = frozenset((1, 6, 11, 14, 15))


@dataclass(frozen=True)
class CodePoints:
    """Supported colour primaries and transfer characteristics; `peak` is the brightest content in cd/m2."""

    primaries: int
    transfer: int
    peak: float = USUAL_PEAK

    @property
    def is_high_range(self) -> bool:
        """Whether content may be brighter than reference white and needs tone mapping."""
        return self.transfer in (PQ, HLG)


def read(stream: BinaryIO, row: ImageFormat) -> dict[str, CodePoints]:
    """The code points of a file, under the key "cicp" (PNG) or "nclx" (AVIF, HEIC); empty without any.

    In a PNG they take precedence over an embedded profile (PNG, third edition, 4.3); in a HEIC or AVIF they do not.
    """
    if row is formats.PNG:
        found = _from_chunks(_chunks(stream))
        return {"cicp": found} if found else {}
    if row in (formats.AVIF, formats.HEIC):
        found = _from_properties(boxes.properties(stream))
        return {"nclx": found} if found else {}
    return {}


def _chunks(stream: BinaryIO) -> dict[bytes, bytes]:
    """The code point chunks of a PNG by name; all of them precede the pixels."""
    found = {}
    stream.seek(8)
    while len(head := stream.read(8)) == 8 and head[4:] not in (b"IDAT", b"IEND"):
        size = int.from_bytes(head[:4])
        if head[4:] in (b"cICP", b"cLLI", b"mDCV"):
            found[head[4:]] = stream.read(min(size, 64))
            size -= len(found[head[4:]])
        stream.seek(size + 4, 1)
    return found


def _from_chunks(chunks: dict[bytes, bytes]) -> CodePoints | None:
    """The code points of a PNG in full-range RGB; None otherwise, because browsers support no other."""
    values = chunks.get(b"cICP", b"")
    if len(values) != 4 or values[2:] != b"\0\1":
        return None
    levels = struct.unpack(">I", chunks.get(b"cLLI", b"")[:4].rjust(4, b"\0"))[0] / 10_000
    return _code_points(values[0], values[1], levels or _mastering_peak(chunks.get(b"mDCV", b"")))


def _from_properties(found: list[boxes.Property]) -> CodePoints | None:
    values = next((body for name, body in found if name == b"colr" and body[:4] == b"nclx" and len(body) >= 10), b"")
    if not values:
        return None
    primaries, transfer = struct.unpack(">HH", values[4:8])
    others = dict(found)
    levels = float(int.from_bytes(others.get(b"clli", b"")[:2])) or _mastering_peak(others.get(b"mdcv", b""))
    usual = transfer in _MEANT_AS_SRGB or not _is_curve(transfer)
    return _code_points(primaries if primaries in PRIMARIES else 1, 13 if usual else transfer, levels)


def _mastering_peak(volume: bytes) -> float:
    """The mastering display's peak in cd/m2, stored after eight chromaticities; 0 if missing."""
    return struct.unpack(">I", volume[16:20])[0] / 10_000 if len(volume) >= 20 else 0.0


def _code_points(primaries: int, transfer: int, peak: float) -> CodePoints | None:
    if primaries not in PRIMARIES or not _is_curve(transfer):
        return None
    return CodePoints(primaries, transfer, peak or USUAL_PEAK)


def _is_curve(transfer: int) -> bool:
    return transfer in CURVES or transfer in (PQ, HLG)
