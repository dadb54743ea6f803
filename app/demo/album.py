"""The demonstration album: which photographs there are, the most beautiful first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from PIL import Image

from app.demo.brushes import Sheet
from app.demo.photo import PANORAMA, PORTRAIT, DemoPhoto, draw, upright
from app.demo.scenes import hills, night, peaks, trees

__all__ = ["ALBUM", "COAST", "NIGHT", "DemoPhoto", "draw", "upright"]

COAST = "Coast & Summit"
NIGHT = "Night & Light"


def _shot(
    number: int, title: str, scene: Callable[[Sheet], Image.Image], when: str, seed: int = 1, **more: object
) -> DemoPhoto:
    taken = datetime.strptime(f"2025-09-{when} +0200", "%Y-%m-%d %H:%M:%S %z")
    album = NIGHT if number >= 700 else COAST
    return DemoPhoto(f"PS_{number:04d} {title}.jpg", title, album, scene, taken, seed, **more)  # type: ignore[arg-type]


ALBUM: tuple[DemoPhoto, ...] = (
    _shot(412, "Ridge at dawn", partial(hills.misty_ridges, mood=hills.DAWN), "20 06:41:12", 9),
    _shot(418, "First light", peaks.alpine_lake, "20 06:58:40", 5, place=(46.5775, 8.0053)),
    _shot(
        420,
        "Blue hour ridges",
        partial(hills.misty_ridges, mood=hills.BLUE),
        "20 07:20:03",
        3,
        size=PORTRAIT,
        orientation=6,
    ),
    _shot(425, "Embers", partial(hills.misty_ridges, mood=hills.EMBER), "20 19:40:03", 1, orientation=3),
    _shot(
        431,
        "Spruce and fog",
        partial(trees.foggy_forest, tones=trees.FOG_GREEN, air="#dfe7e4"),
        "20 08:02:03",
        1,
        size=PORTRAIT,
        orientation=8,
    ),
    _shot(
        432,
        "Golden fog",
        partial(trees.foggy_forest, tones=trees.FOG_GOLD, air="#ffe9c4"),
        "20 08:12:03",
        1,
        orientation=2,
    ),
    _shot(440, "The long ridge", partial(hills.misty_ridges, mood=hills.DAWN), "20 08:30:03", 4, size=PANORAMA),
    _shot(701, "Camp under the galaxy", night.milky_way, "20 23:40:03", 1, size=PORTRAIT),
    _shot(702, "Northern lights", night.aurora, "20 23:58:03", 1),
)
