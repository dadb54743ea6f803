"""Whether a picture in the browser is the right way up."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image
from playwright.sync_api import Locator

from tests.support.pictures import CORNERS

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
