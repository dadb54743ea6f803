"""Pictures made on the spot: the same each time, with detail everywhere or a different colour in each corner."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from PIL import Image
from PIL.ExifTags import IFD, Base

from demo.photo import STORED

Colour = tuple[int, int, int]

_QUICK: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 92},
    "PNG": {"compress_level": 1},
    "WEBP": {"method": 0},
    "AVIF": {"speed": 10},
}
RED, GREEN, BLUE, YELLOW = (200, 30, 30), (30, 160, 40), (30, 40, 190), (210, 200, 40)
CORNERS: Mapping[str, Colour] = {"top left": RED, "top right": GREEN, "bottom left": BLUE, "bottom right": YELLOW}


# --- images --------------------------------------------------------------------------------


def corners(width: int = 1600, height: int = 1000) -> Image.Image:
    """Return four rectangles with the colours of CORNERS."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(GREEN, (width // 2, 0, width, height))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    image.paste(YELLOW, (width // 2, height // 2, width, height))
    return image


@cache
def scene(width: int = 1600, height: int = 1000, seed: int = 1) -> Image.Image:
    """Return smooth colour with texture at several scales, as photographs have; shared, so not to be changed."""
    random = np.random.default_rng(seed)
    layers = np.zeros((height, width, 3), np.float32)
    for cells, weight in ((4, 120.0), (16, 60.0), (64, 30.0), (256, 20.0)):
        small = random.integers(0, 256, (max(1, cells * height // width), cells, 3), np.uint8)
        layers += np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)) * (weight / 230)
    return Image.fromarray(layers.clip(0, 255).astype(np.uint8))


def pixels(image: Image.Image) -> np.ndarray[Any, Any]:
    """Return RGB values as signed numbers, to be subtracted."""
    return np.asarray(image.convert("RGB")).astype(np.int16)


# --- files ---------------------------------------------------------------------------------


def encoded(image: Image.Image, kind: str = "JPEG", **params: Any) -> io.BytesIO:
    """Return the image as a file in memory, at its start."""
    stream = io.BytesIO()
    image.save(stream, kind, **_QUICK.get(kind, {}) | params)
    stream.seek(0)
    return stream


def jpeg(width: int = 60, height: int = 40, colour: Colour = (180, 120, 60), **save: Any) -> bytes:
    """Return a JPEG with a gradient: no two sizes or colours give the same bytes."""
    gradient = Image.linear_gradient("L").resize((width, height))
    black, coloured = Image.new("RGB", (width, height)), Image.new("RGB", (width, height), colour)
    return encoded(Image.composite(coloured, black, gradient), **({"quality": 90} | save)).getvalue()


@cache  # 0.5 s of grain each
def photograph(width: int = 2000, height: int = 3000, *, orientation: int = 6, quality: int = 92) -> bytes:
    """Return a grainy JPEG of several megabytes, stored as `orientation` says, with the colours of CORNERS."""
    grain = Image.effect_noise((width, height), 70)
    image = Image.blend(corners(width, height), Image.merge("RGB", [grain] * 3), 0.2)
    if orientation in STORED:
        image = image.transpose(STORED[orientation])
    return encoded(image, quality=quality, exif=with_orientation(orientation)).getvalue()


def grainy(size: tuple[int, int], sigma: float, **save: Any) -> bytes:
    """Return a JPEG of grain in three colours: much work for few megabytes."""
    grain = Image.effect_noise(size, sigma)
    turned = (grain, grain.transpose(Image.Transpose.ROTATE_180), grain.transpose(Image.Transpose.FLIP_TOP_BOTTOM))
    return encoded(Image.merge("RGB", turned), **save).getvalue()


def numbered(photo: bytes, number: int) -> bytes:
    """Return the same picture as another file: bytes after the end of a JPEG are not read."""
    return photo + number.to_bytes(4, "big")


# --- EXIF ----------------------------------------------------------------------------------


def with_orientation(orientation: int) -> Image.Exif:
    """Return EXIF that says how the picture is stored."""
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    return exif


def taken_by(camera: str, when: str, *, serial: str = "", offset: str = "") -> bytes:
    """Return EXIF for `jpeg(exif=...)`: the camera, its serial number, and the time as it writes them."""
    exif = Image.Exif()
    exif[Base.Model] = camera
    written = {Base.DateTimeOriginal: when, Base.OffsetTimeOriginal: offset, Base.BodySerialNumber: serial}
    exif.get_ifd(IFD.Exif).update({int(tag): value for tag, value in written.items() if value})
    return exif.tobytes()
