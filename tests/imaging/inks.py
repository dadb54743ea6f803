"""An unusual ICC profile of four inks, whose colours no program can guess."""

from __future__ import annotations

import struct
from itertools import product

import numpy as np

from app.imaging.spaces import ADOBE_RGB, Curve, matrix_profile
from tests.support.delta_e import SRGB, lab

_STEPS = 3


def press_profile() -> bytes:
    """CMYK to Lab by a table (ICC.1:2001-04, 6.5.7); its cyan is a green, its yellow pale."""
    levels = [number / (_STEPS - 1) for number in range(_STEPS)]
    grid = b"".join(_encoded(*inks) for inks in product(levels, repeat=4))
    identity = b"".join(struct.pack(">i", 65536 * (place % 4 == 0)) for place in range(9))
    head = b"mft2" + struct.pack(">4x4B", 4, 3, _STEPS, 0) + identity + struct.pack(">HH", 2, 2)
    table = head + struct.pack(">2H", 0, 65535) * 4 + grid + struct.pack(">2H", 0, 65535) * 3
    header = matrix_profile("none", ADOBE_RGB, Curve(1))[:128]
    tags = struct.pack(">I4sII", 1, b"A2B0", 144, len(table))
    kinds = struct.pack(">I4sI12s", 144 + len(table), b"none", 0x02400000, b"prtrCMYKLab ")
    return kinds + header[24:] + tags + table


def _encoded(cyan: float, magenta: float, yellow: float, black: float) -> bytes:
    red = (1 - cyan) * (1 - 0.2 * magenta)
    green = (1 - 0.3 * cyan) * (1 - 0.9 * magenta)
    blue = (1 - 0.6 * cyan) * (1 - 0.5 * magenta) * (1 - 0.95 * yellow)
    lightness, a, b = lab(SRGB @ np.array([red, green, blue]) * (1 - black))
    return struct.pack(">3H", round(lightness * 652.8), round((a + 128) * 256), round((b + 128) * 256))
