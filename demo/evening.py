"""The photographs of the password collection: two nights, and quiet light."""

from __future__ import annotations

from functools import partial

from demo.photo import PORTRAIT, DemoPhoto
from demo.scenes import bokeh, city, desert, macro, night, peaks, sea, studio
from demo.shots import MACRO, NIGHT, PRIME, TELE, WIDE, shot

RAIN = ((0, "#0b1422"), (0.4, "#1c2c44"), (0.7, "#3a3140"), (1, "#0c0e16"))
OCHRE = ((0, "#8d7f6f"), (0.7, "#6d5f52"), (1, "#6d5f52"))
SLATE = ((0, "#5d6a6b"), (0.7, "#455052"), (1, "#455052"))
DARK = ((0, "#0b1024"), (1, "#16122c"))

_night = partial(shot, NIGHT)

EVENING: tuple[DemoPhoto, ...] = (
    _night("0611 Northern lights", night.aurora, "20 23:48:30", 1, lens=WIDE, exposure=(2.8, 8, 1600, 16)),
    _night(
        "0624 Camp under the galaxy",
        night.milky_way,
        "21 00:32:10",
        1,
        size=PORTRAIT,
        lens=WIDE,
        exposure=(2.8, 20, 3200, 16),
    ),
    _night("0588 Harbour lights", city.skyline, "21 20:11:54", 1, exposure=(8, 15, 100, 50)),
    _night(
        "0595 Rain on the window",
        partial(bokeh.rain_window, sky=RAIN),
        "21 21:47:20",
        3,
        size=PORTRAIT,
        orientation=8,
        lens=PRIME,
        exposure=(1.4, 1 / 60, 800, 50),
    ),
    _night(
        "0602 Moonrise",
        partial(sea.sun_glitter, evening=sea.MOON),
        "20 21:15:05",
        1,
        size=PORTRAIT,
        orientation=6,
        lens=TELE,
        exposure=(5.6, 1 / 4, 800, 100),
    ),
    _night(
        "0618 Lake by starlight",
        partial(peaks.alpine_lake, hour=peaks.MOONLIT),
        "21 00:05:42",
        12,
        lens=WIDE,
        exposure=(2.8, 25, 3200, 20),
    ),
    _night(
        "0641 Silk",
        partial(macro.silk, hues=("#3f8fff", "#b04dff", "#ff5f9e"), night=DARK),
        "21 22:30:00",
        2,
        exposure=(11, 6, 100, 70),
        lens=PRIME,
    ),
    _night(
        "0633 Three vessels",
        partial(studio.still_life, wall=OCHRE, clays=("#3f6f78", "#d9c9b0", "#b5613c")),
        "21 15:05:33",
        1,
        lens=PRIME,
        exposure=(4, 1 / 30, 200, 50),
    ),
    _night(
        "0636 Three vessels, slate",
        partial(studio.still_life, wall=SLATE, clays=("#e6ddcf", "#2f4f6f", "#d0a24a")),
        "21 15:22:19",
        2,
        size=PORTRAIT,
        lens=PRIME,
        exposure=(4, 1 / 25, 200, 50),
    ),
    _night(
        "0615 Rose curtain",
        partial(night.aurora, hues=("#46f0c8", "#ff4d9a")),
        "20 23:59:12",
        7,
        size=PORTRAIT,
        orientation=7,
        lens=WIDE,
        exposure=(2.8, 6, 1600, 20),
    ),
    _night(
        "0648 Agate",
        partial(desert.slot_canyon, stone=desert.VIOLET, octaves=3, bold=1.0),
        "21 16:02:48",
        4,
        orientation=5,
        lens=MACRO,
        exposure=(8, 1 / 15, 100, 90),
    ),
)
