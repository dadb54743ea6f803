"""One photograph of the demo gallery, and how it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import BinaryIO

from PIL import Image

from demo.brushes import Sheet
from demo.exif import exif_for
from demo.finish import developed

LANDSCAPE = (4000, 3000)
PORTRAIT = (3000, 4000)
PANORAMA = (9000, 2250)
DRAFT = 0.5
"""Scenes are painted at this share of full size, then enlarged; grain is added at full size."""

Transpose = Image.Transpose
STORED = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_90,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_270,
}
"""The transposition that an orientation tag undoes."""


@dataclass(frozen=True)
class DemoPhoto:
    """One photograph: its scene, and the values for its EXIF."""

    filename: str
    title: str
    album: str
    scene: Callable[[Sheet], Image.Image]
    taken: datetime
    seed: int
    size: tuple[int, int] = LANDSCAPE
    orientation: int = 1
    lens: str = "Proofsheet 24-70mm f/2.8"
    exposure: tuple[float, float, int, int] = (8.0, 1 / 250, 100, 35)
    """Aperture, seconds, ISO and focal length in millimetres."""
    place: tuple[float, float] | None = None
    """Latitude and longitude in degrees."""


def upright(photo: DemoPhoto, scale: float = 1.0) -> Image.Image:
    """Draw a photograph upright, `scale` times its size."""
    width, height = (max(16, round(side * scale)) for side in photo.size)
    rng = Random(photo.seed)
    sheet = Sheet(max(8, round(width * DRAFT)), max(8, round(height * DRAFT)), rng)
    return developed(photo.scene(sheet), (width, height), rng, min(1.0, scale**0.5))


def draw(photo: DemoPhoto, out: BinaryIO, scale: float = 1.0) -> None:
    """Write a photograph as a high-quality JPEG, in its orientation and with EXIF."""
    image = upright(photo, scale)
    if photo.orientation in STORED:
        image = image.transpose(STORED[photo.orientation])
    image.save(out, "JPEG", quality=92, subsampling="4:2:0", exif=exif_for(photo))
