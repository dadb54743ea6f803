"""Colour as two numbers of ITU-T H.273 (CICP): in a chunk of a PNG, in a box of an AVIF or HEIC."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

from app.imaging import boxes, formats
from app.imaging.formats import ImageFormat
from app.imaging.spaces import BT709, D65, SRGB, Chromaticities, Curve

PQ, HLG = 16, 18
# What a mastering display reached where nothing is said, in cd/m2 (ITU-R BT.2408).
USUAL_PEAK = 1000.0
# The camera curve of television, undone as a screen does it (ITU-R BT.1886), not by its own formula.
_BROADCAST = Curve(2.4)
_C, _DCI = (0.310, 0.316), (0.314, 0.351)
_NTSC: Chromaticities = (*D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070)

# H.273, tables 2 and 3. Logarithmic curves and what is reserved are left out: browsers take them as sRGB.
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
# Camera curves, which AVIF and HEIC name for pictures that were made to be seen as sRGB (as browsers take them).
_MEANT_AS_SRGB = frozenset((1, 6, 11, 14, 15))


@dataclass(frozen=True)
class CodePoints:
    """Colour primaries and transfer characteristics, both known; `peak` is the brightest content in cd/m2."""

    primaries: int
    transfer: int
    peak: float = USUAL_PEAK

    @property
    def is_high_range(self) -> bool:
        """Whether white is not the brightest there is, so that tones have to be mapped."""
        return self.transfer in (PQ, HLG)


def read(stream: BinaryIO, row: ImageFormat) -> dict[str, CodePoints]:
    """What a file of this format says, under the name "cicp" (PNG) or "nclx" (AVIF, HEIC); empty for nothing.

    In a PNG the numbers count before an embedded profile (PNG, third edition, 4.3), in a HEIC or AVIF after it.
    """
    if row is formats.PNG:
        found = _of_chunks(_chunks(stream))
        return {"cicp": found} if found else {}
    if row in (formats.AVIF, formats.HEIC):
        found = _of_properties(boxes.properties(stream))
        return {"nclx": found} if found else {}
    return {}


def _chunks(stream: BinaryIO) -> dict[bytes, bytes]:
    """The chunks on colour by name; all of them come before the first pixel."""
    found = {}
    stream.seek(8)
    while len(head := stream.read(8)) == 8 and head[4:] not in (b"IDAT", b"IEND"):
        size = int.from_bytes(head[:4])
        if head[4:] in (b"cICP", b"cLLI", b"mDCV"):
            found[head[4:]] = stream.read(min(size, 64))
            size -= len(found[head[4:]])
        stream.seek(size + 4, 1)
    return found


def _of_chunks(chunks: dict[bytes, bytes]) -> CodePoints | None:
    """RGB of full range alone: a PNG of limited range, or in YCbCr, is no picture that browsers know."""
    told = chunks.get(b"cICP", b"")
    if len(told) != 4 or told[2:] != b"\0\1":
        return None
    levels = struct.unpack(">I", chunks.get(b"cLLI", b"")[:4].rjust(4, b"\0"))[0] / 10_000
    return _known(told[0], told[1], levels or _mastered(chunks.get(b"mDCV", b"")))


def _of_properties(found: list[boxes.Property]) -> CodePoints | None:
    told = next((body for name, body in found if name == b"colr" and body[:4] == b"nclx" and len(body) >= 10), b"")
    if not told:
        return None
    primaries, transfer = struct.unpack(">HH", told[4:8])
    others = dict(found)
    levels = float(int.from_bytes(others.get(b"clli", b"")[:2])) or _mastered(others.get(b"mdcv", b""))
    usual = transfer in _MEANT_AS_SRGB or not _is_curve(transfer)
    return _known(primaries if primaries in PRIMARIES else 1, 13 if usual else transfer, levels)


def _mastered(volume: bytes) -> float:
    """The mastering display's peak in cd/m2 (eight chromaticities precede it); 0 where it is unsaid."""
    return struct.unpack(">I", volume[16:20])[0] / 10_000 if len(volume) >= 20 else 0.0


def _known(primaries: int, transfer: int, peak: float) -> CodePoints | None:
    if primaries not in PRIMARIES or not _is_curve(transfer):
        return None
    return CodePoints(primaries, transfer, peak or USUAL_PEAK)


def _is_curve(transfer: int) -> bool:
    return transfer in CURVES or transfer in (PQ, HLG)
