"""Photographs for the browser: big as a camera's, and of a kind that shows which way up they are."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache

from PIL import Image
from playwright.sync_api import Locator

from demo.photo import STORED

Colour = tuple[int, int, int]

CORNERS: dict[str, Colour] = {
    "top left": (190, 40, 40),
    "top right": (40, 160, 60),
    "bottom left": (40, 60, 190),
    "bottom right": (200, 180, 40),
}
ORIENTATION = 0x0112

READ_CORNERS = """async (image) => {
  await image.decode()
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight)
  const context = canvas.getContext("2d", { willReadFrequently: true })
  context.drawImage(image, 0, 0)
  const at = (x, y) => [...context.getImageData(x * canvas.width, y * canvas.height, 1, 1).data].slice(0, 3)
  const [top, bottom, left, right] = [0.1, 0.9, 0.1, 0.9]
  return {
    "top left": at(left, top), "top right": at(right, top),
    "bottom left": at(left, bottom), "bottom right": at(right, bottom),
  }
}"""


@cache  # 0.5 s of grain each
def photograph(width: int = 2000, height: int = 3000, *, orientation: int = 6, quality: int = 92) -> bytes:
    """A grainy JPEG of several megabytes, stored turned, whose upright corners have the colours of CORNERS."""
    image = Image.new("RGB", (2, 2))
    image.putdata([*CORNERS.values()])
    image = image.resize((width, height), Image.Resampling.NEAREST)
    grain = Image.effect_noise((width, height), 70)
    image = Image.blend(image, Image.merge("RGB", [grain] * 3), 0.2)
    if orientation in STORED:
        image = image.transpose(STORED[orientation])
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, exif=exif)
    return out.getvalue()


def is_upright(image: Locator) -> bool:
    """Whether the pixels that an <img> really shows have the colours of CORNERS in their corners."""
    shown: dict[str, Sequence[int]] = image.evaluate(READ_CORNERS)
    return all(_nearest(tuple(colour)) == corner for corner, colour in shown.items())


def shows_corners(element: Locator) -> bool:
    """Whether what is painted where the element is has the colours of CORNERS in its quarters."""
    painted = Image.open(io.BytesIO(element.screenshot())).convert("RGB").resize((2, 2), Image.Resampling.BOX)
    colours = zip(CORNERS, painted.get_flattened_data(), strict=True)
    return all(_nearest(colour) == corner for corner, colour in colours)


def _nearest(colour: tuple[int, ...]) -> str:
    def distance(corner: str) -> int:
        return sum((a - b) ** 2 for a, b in zip(CORNERS[corner], colour, strict=True))

    return min(CORNERS, key=distance)
