"""Pictures made on the spot: deterministic, with detail everywhere and a different colour in each corner."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import numpy as np
from PIL import Image

_QUICK: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 92},
    "PNG": {"compress_level": 1},
    "WEBP": {"method": 0},
    "AVIF": {"speed": 10},
}
RED, GREEN, BLUE, YELLOW = (200, 30, 30), (30, 160, 40), (30, 40, 190), (210, 200, 40)


def corners(width: int = 1600, height: int = 1000) -> Image.Image:
    """Red top left, green top right, blue bottom left, yellow bottom right."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(GREEN, (width // 2, 0, width, height))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    image.paste(YELLOW, (width // 2, height // 2, width, height))
    return image


@cache
def scene(width: int = 1600, height: int = 1000, seed: int = 1) -> Image.Image:
    """Smooth colour with texture at several scales, as photographs have; shared, so not to be changed."""
    random = np.random.default_rng(seed)
    layers = np.zeros((height, width, 3), np.float32)
    for cells, weight in ((4, 120.0), (16, 60.0), (64, 30.0), (256, 20.0)):
        small = random.integers(0, 256, (max(1, cells * height // width), cells, 3), np.uint8)
        layers += np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)) * (weight / 230)
    return Image.fromarray(layers.clip(0, 255).astype(np.uint8))


def encoded(image: Image.Image, kind: str = "JPEG", **params: Any) -> io.BytesIO:
    """The image as a file in memory, at its start."""
    stream = io.BytesIO()
    image.save(stream, kind, **_QUICK.get(kind, {}) | params)
    stream.seek(0)
    return stream


def with_orientation(orientation: int) -> Image.Exif:
    """EXIF that says how the picture lies in the file."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def pixels(image: Image.Image) -> np.ndarray[Any, Any]:
    """RGB values as signed numbers, to be subtracted."""
    return np.asarray(image.convert("RGB")).astype(np.int16)
