"""What the photographs of the demonstration have in common: collections, lenses, names."""

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
"""Photographs that were given a name of their own."""

Scene = Callable[[Sheet], Image.Image]
Exposure = tuple[float, float, int, int]


class More(TypedDict, total=False):
    """What only some photographs have."""

    size: tuple[int, int]
    orientation: int
    lens: str
    exposure: Exposure
    place: tuple[float, float]


def shot(album: str, name: str, scene: Scene, when: str, seed: int, **more: Unpack[More]) -> DemoPhoto:
    """Name a photograph by its number and title, and say when it was taken."""
    number, title = name.split(" ", 1)
    taken = datetime.strptime(f"2025-09-{when} +0200", "%Y-%m-%d %H:%M:%S %z")
    filename = NAMED.get(number, f"PS_{number} {title}.jpg")
    return DemoPhoto(filename, title, album, scene, taken, seed, **more)
