"""The photographs of the public collection, from two days by the sea and in the mountains."""

from __future__ import annotations

from functools import partial

from demo.photo import PANORAMA, PORTRAIT, DemoPhoto
from demo.scenes import air, bokeh, desert, fields, hills, macro, peaks, sea, studio, trees
from demo.shots import COAST, MACRO, PRIME, TELE, WIDE, shot

DESERT = ((0, "#6489b3"), (0.1, "#91a9c0"), (0.2, "#d3c3b4"), (0.3, "#f3c99a"), (1, "#f3d9b4"))
MEADOW = ((0, "#e8d58a"), (0.3, "#b9b95c"), (0.6, "#6b8a3a"), (1, "#2c4a1e"))
COSMOS = ("#e86aa6", "#f7b7d2", "#c13f86", "#ffffff")
PASSAGE = ((0, "#ffe3c0"), (0.3, "#f2a779"), (0.65, "#c25a4a"), (1, "#6b2340"))
BAY = ((0, "#6fb7d6"), (0.6, "#bfe3ea"), (0.63, "#2f7f9e"), (1, "#2f7f9e"))
SOUTH = ((0, "#1f5f9e"), (1, "#7db4d8"))

_coast = partial(shot, COAST)

DAYLIGHT: tuple[DemoPhoto, ...] = (
    _coast(
        "0412 Ridge at dawn", partial(hills.misty_ridges, mood=hills.DAWN), "20 06:41:12", 9, place=(46.5775, 8.0053)
    ),
    _coast(
        "0426 First light on the north face",
        partial(peaks.alpine_lake, hour=peaks.MORNING),
        "20 07:12:40",
        5,
        lens=WIDE,
        exposure=(11, 1 / 60, 100, 24),
        place=(46.5580, 7.8353),
    ),
    _coast(
        "0533 Surf from above",
        sea.coast_from_above,
        "21 11:05:18",
        3,
        size=PORTRAIT,
        orientation=6,
        exposure=(5.6, 1 / 800, 200, 24),
        lens=WIDE,
    ),
    _coast(
        "0439 Balloons over the valley",
        partial(air.balloons, mood=hills.FRESH),
        "20 07:38:05",
        4,
        lens=TELE,
        exposure=(6.3, 1 / 500, 200, 120),
    ),
    _coast(
        "0444 Bodensjön",
        partial(peaks.alpine_lake, hour=peaks.ALPENGLOW),
        "20 19:21:44",
        8,
        size=PORTRAIT,
        orientation=8,
        lens=WIDE,
        exposure=(11, 1 / 15, 64, 20),
    ),
    _coast(
        "0571 Road of light",
        partial(sea.sun_glitter, evening=sea.SUNSET),
        "21 19:26:31",
        1,
        exposure=(11, 1 / 320, 100, 70),
    ),
    _coast(
        "0448 Spruce and fog",
        partial(trees.foggy_forest, tones=trees.FOG_GREEN, air="#dfe7e4"),
        "20 08:14:50",
        1,
        size=PORTRAIT,
        orientation=8,
        lens=TELE,
        exposure=(8, 1 / 125, 400, 200),
    ),
    _coast(
        "0475 Dunes, late afternoon",
        partial(desert.dunes, sky=DESERT),
        "20 17:48:09",
        3,
        orientation=3,
        lens=TELE,
        exposure=(9, 1 / 400, 100, 135),
    ),
    _coast(
        "0460 The whole range",
        partial(peaks.alpine_lake, hour=peaks.MORNING),
        "20 09:02:27",
        3,
        size=PANORAMA,
        lens=WIDE,
        exposure=(8, 1 / 250, 100, 35),
    ),
    _coast("0562 Lavender, last sun", fields.lavender, "21 18:55:13", 1, lens=WIDE, exposure=(13, 1 / 50, 100, 18)),
    _coast(
        "0451 Seven blues",
        partial(hills.misty_ridges, mood=hills.BLUE),
        "20 08:31:36",
        3,
        size=PORTRAIT,
        orientation=6,
        lens=TELE,
        exposure=(8, 1 / 640, 200, 280),
    ),
    _coast(
        "0540 Cosmos meadow",
        partial(bokeh.meadow, hues=COSMOS, back=MEADOW),
        "21 16:20:02",
        1,
        lens=PRIME,
        exposure=(1.4, 1 / 4000, 100, 50),
    ),
    _coast(
        "0468 Slot canyon", desert.slot_canyon, "20 12:07:55", 2, size=PORTRAIT, exposure=(8, 0.5, 100, 28), lens=WIDE
    ),
    _coast(
        "0516 White corner",
        partial(studio.sunlit_wall, wall="#f6efe4", sky=SOUTH, shade="#8fa3b8"),
        "21 09:40:20",
        1,
        orientation=2,
        exposure=(8, 1 / 500, 100, 35),
    ),
    _coast(
        "0519 Passage to the sea",
        partial(studio.arches, tones=PASSAGE, sky=BAY),
        "21 10:02:41",
        1,
        size=PORTRAIT,
        exposure=(5.6, 1 / 160, 200, 40),
    ),
    _coast(
        "0524 Four stones",
        partial(sea.long_exposure, tones=sea.SILENT),
        "21 10:31:00",
        1,
        lens=WIDE,
        exposure=(11, 120, 64, 24),
        place=(57.1497, -6.2800),
    ),
    _coast(
        "0549 After the shower",
        partial(macro.leaf, tones=macro.GREEN),
        "21 17:03:12",
        1,
        lens=MACRO,
        exposure=(5.6, 1 / 200, 400, 90),
    ),
    _coast(
        "0482 Embers",
        partial(hills.misty_ridges, mood=hills.EMBER),
        "20 19:42:37",
        11,
        orientation=3,
        lens=TELE,
        exposure=(7.1, 1 / 200, 200, 150),
    ),
    _coast(
        "0504 Golden fog",
        partial(trees.foggy_forest, tones=trees.FOG_GOLD, air="#ffe9c4"),
        "21 07:20:08",
        5,
        lens=TELE,
        exposure=(8, 1 / 250, 200, 180),
    ),
    _coast(
        "0552 Autumn, backlit",
        partial(macro.leaf, tones=macro.AUTUMN, drops=40),
        "21 17:21:45",
        6,
        size=PORTRAIT,
        orientation=6,
        lens=MACRO,
        exposure=(8, 1 / 125, 400, 90),
    ),
)
