"""Collections, lenses and file names shared by the demo photographs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypedDict, Unpack

from PIL import Image

from demo.brushes import Sheet
from demo.photo import DemoPhoto

COAST = "Coast & Summit"
NIGHT = "Night & Light"

WIDE = "Proofsheet 16-35mm f/2.8"
TELE = "Proofsheet 100-400mm f/4.5-5.6"
MACRO = "Proofsheet 90mm f/2.8 Macro"
PRIME = "Proofsheet 50mm f/1.4"


NAMED = {"0444": "Bodensjön.jpg"}
"""File names of photographs that do not follow the pattern, by number."""

Scene = Callable[[Sheet], Image.Image]
Exposure = tuple[float, float, int, int]


class ShotOptions(TypedDict, total=False):
    """Optional fields of a DemoPhoto."""

    size: tuple[int, int]
    orientation: int
    lens: str
    exposure: Exposure
    place: tuple[float, float]


def shot(album: str, name: str, scene: Scene, when: str, seed: int, **options: Unpack[ShotOptions]) -> DemoPhoto:
    """Build a photograph from "number title" and "day hh:mm:ss" in September 2025."""
    number, title = name.split(" ", 1)
    taken = datetime.strptime(f"2025-09-{when} +0200", "%Y-%m-%d %H:%M:%S %z")
    filename = NAMED.get(number, f"PS_{number} {title}.jpg")
    return DemoPhoto(filename, title, album, scene, taken, seed, **options)
