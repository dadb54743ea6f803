"""Convert high dynamic range (PQ and HLG, ITU-R BT.2100) to sRGB, with the tone mapping that browsers use.

Light up to reference white is scaled by one factor. Brighter light is compressed below 1 by a curve of the largest of
red, green and blue, which keeps hues (the reference white operator of SMPTE ST 2094-50, annex D).
"""

from __future__ import annotations

import math
from functools import cache

from app.imaging.code_points import PQ, PRIMARIES, USUAL_PEAK, CodePoints
from app.imaging.spaces import BT709, Chromaticities, Matrix, Row, apply, inverse, product, table_profile, to_xyz

REFERENCE_WHITE = 203.0  # cd/m2 (ITU-R BT.2408)
# Levels of the table per channel. littleCMS interpolates within tetrahedra, whose faces are where another channel
# becomes the largest; interpolation between eight corners would mix greys with colours.
STEPS = 33
_BT2020 = PRIMARIES[9]
_LUMINANCE = (0.2627, 0.6780, 0.0593)
# Linear sRGB to XYZ, adapted to D50 (IEC 61966-2-1).
_SRGB_TO_XYZ: Matrix = ((0.43607, 0.38515, 0.14307), (0.22249, 0.71687, 0.06061), (0.01392, 0.09708, 0.71410))
_SYSTEM_GAMMA = 1.2  # HLG on a display of 1,000 cd/m2
_BEND = 0.65


def profile(points: CodePoints) -> bytes:
    """The bytes of an ICC profile from RGB with these code points to colours within sRGB; takes 0.3 s."""
    to_wide, to_srgb = _conversion(PRIMARIES[points.primaries], _BT2020), _conversion(_BT2020, BT709)
    tone = _Tone(points.peak)
    light, displayed = (_pq, _unchanged) if points.transfer == PQ else (_hlg, _displayed_light)

    def shown(values: Row) -> Row:
        bright = displayed(apply(to_wide, (light(values[0]), light(values[1]), light(values[2]))))
        gain = tone.gain(max(bright))
        red, green, blue = (min(max(part * gain, 0.0), 1.0) for part in apply(to_srgb, bright))
        return apply(_SRGB_TO_XYZ, (red, green, blue))

    return table_profile("high dynamic range", STEPS, shown)


class _Tone:
    """The tone curve for content with this peak in cd/m2."""

    def __init__(self, peak: float) -> None:
        self._most = max(1.0, peak / REFERENCE_WHITE)
        self._white = 1 - min(math.log2(self._most) / math.log2(USUAL_PEAK / REFERENCE_WHITE), 1) / 2
        middle = 1 - _BEND + _BEND / self._white, (1 - _BEND) * self._white + _BEND
        self._across = 1 - 2 * middle[0] + self._most, 2 * (middle[0] - 1)
        self._up = self._white - 2 * middle[1] + 1, 2 * (middle[1] - self._white)

    def gain(self, brightest: float) -> float:
        """The factor for a colour whose largest component is `brightest`, relative to reference white."""
        if brightest <= 1 or self._most == 1:
            return self._white
        if brightest >= self._most:
            return 1 / brightest
        a, b = self._across
        along = 2 * (brightest - 1) / (b + math.sqrt(b * b + 4 * a * (brightest - 1)))
        return (self._white + along * (self._up[1] + along * self._up[0])) / brightest


def _conversion(source: Chromaticities, target: Chromaticities) -> Matrix:
    """The matrix from linear RGB of one space to linear RGB of another; raises ValueError for degenerate primaries."""
    forth, back = to_xyz(source), to_xyz(target)
    undone = inverse(back) if back else None
    if forth is None or undone is None:
        raise ValueError("These primaries make no colour space.")
    return product(undone, forth)


@cache
def _pq(value: float) -> float:
    """The light of a PQ value, relative to reference white (SMPTE ST 2084)."""
    power: float = value ** (32 / 2523)
    light: float = (max(power - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * power)) ** (16384 / 2610)
    return light * 10_000 / REFERENCE_WHITE


@cache
def _hlg(value: float) -> float:
    """The scene light of an HLG value, 0 to 1 (ARIB STD-B67)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return value * value / 3 if value <= 0.5 else (math.exp((value - c) / a) + b) / 12


def _unchanged(light: Row) -> Row:
    return light


def _displayed_light(scene: Row) -> Row:
    luminance = max(sum(part * share for part, share in zip(scene, _LUMINANCE, strict=True)), 0)
    factor = luminance ** (_SYSTEM_GAMMA - 1) * USUAL_PEAK / REFERENCE_WHITE
    return scene[0] * factor, scene[1] * factor, scene[2] * factor
