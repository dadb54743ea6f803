"""Pictures of high dynamic range (PQ and HLG, ITU-R BT.2100) as sRGB, with the tone mapping that browsers use.

Light up to reference white is scaled by one factor; what is brighter is bent below 1 by a curve that the brightest
of red, green and blue chooses, so that hues stay (the reference white operator of SMPTE ST 2094-50, annex D).
"""

from __future__ import annotations

import math
from functools import cache

from app.imaging.code_points import PQ, PRIMARIES, USUAL_PEAK, CodePoints
from app.imaging.spaces import BT709, Chromaticities, Matrix, Row, apply, inverse, product, table_profile, to_xyz

REFERENCE_WHITE = 203.0  # cd/m2 (ITU-R BT.2408)
# Of the table, each way. littleCMS interpolates in tetrahedra, whose faces lie where another component becomes the
# brightest; between eight corners a grey would be mixed with colours.
STEPS = 33
_BT2020 = PRIMARIES[9]
_LUMINANCE = (0.2627, 0.6780, 0.0593)
# Linear sRGB to XYZ, adapted to D50 (IEC 61966-2-1).
_SRGB_TO_XYZ: Matrix = ((0.43607, 0.38515, 0.14307), (0.22249, 0.71687, 0.06061), (0.01392, 0.09708, 0.71410))
_SYSTEM_GAMMA = 1.2  # HLG on a display of 1,000 cd/m2
_BEND = 0.65


def profile(points: CodePoints) -> bytes:
    """An ICC profile from RGB as these code points mean it to colours that sRGB holds; making it takes 0.3 s."""
    to_wide, to_srgb = _between(PRIMARIES[points.primaries], _BT2020), _between(_BT2020, BT709)
    tone = _Tone(points.peak)
    light, displayed = (_pq, _as_it_is) if points.transfer == PQ else (_hlg, _on_a_display)

    def shown(values: Row) -> Row:
        bright = displayed(apply(to_wide, (light(values[0]), light(values[1]), light(values[2]))))
        gain = tone.gain(max(bright))
        red, green, blue = (min(max(part * gain, 0.0), 1.0) for part in apply(to_srgb, bright))
        return apply(_SRGB_TO_XYZ, (red, green, blue))

    return table_profile("high dynamic range", STEPS, shown)


class _Tone:
    """The curve for content of this peak in cd/m2: how much light, relative to reference white, is kept of it."""

    def __init__(self, peak: float) -> None:
        self._most = max(1.0, peak / REFERENCE_WHITE)
        self._white = 1 - min(math.log2(self._most) / math.log2(USUAL_PEAK / REFERENCE_WHITE), 1) / 2
        middle = 1 - _BEND + _BEND / self._white, (1 - _BEND) * self._white + _BEND
        self._across = 1 - 2 * middle[0] + self._most, 2 * (middle[0] - 1)
        self._up = self._white - 2 * middle[1] + 1, 2 * (middle[1] - self._white)

    def gain(self, brightest: float) -> float:
        """The factor for a colour whose brightest component is this."""
        if brightest <= 1 or self._most == 1:
            return self._white
        if brightest >= self._most:
            return 1 / brightest
        a, b = self._across
        along = 2 * (brightest - 1) / (b + math.sqrt(b * b + 4 * a * (brightest - 1)))
        return (self._white + along * (self._up[1] + along * self._up[0])) / brightest


def _between(source: Chromaticities, target: Chromaticities) -> Matrix:
    """From linear RGB of one space to that of the other; both are in the table of H.273, so both can be had."""
    forth, back = to_xyz(source), to_xyz(target)
    undone = inverse(back) if back else None
    if forth is None or undone is None:
        raise ValueError("These primaries make no colour space.")
    return product(undone, forth)


@cache
def _pq(value: float) -> float:
    """Light of a PQ value, relative to reference white (SMPTE ST 2084)."""
    power: float = value ** (32 / 2523)
    light: float = (max(power - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * power)) ** (16384 / 2610)
    return light * 10_000 / REFERENCE_WHITE


@cache
def _hlg(value: float) -> float:
    """Light in the scene of an HLG value, 0 to 1 (ARIB STD-B67)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return value * value / 3 if value <= 0.5 else (math.exp((value - c) / a) + b) / 12


def _as_it_is(light: Row) -> Row:
    return light


def _on_a_display(scene: Row) -> Row:
    luminance = max(sum(part * share for part, share in zip(scene, _LUMINANCE, strict=True)), 0)
    factor = luminance ** (_SYSTEM_GAMMA - 1) * USUAL_PEAK / REFERENCE_WHITE
    return scene[0] * factor, scene[1] * factor, scene[2] * factor
