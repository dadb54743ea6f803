"""Drawing functions shared by all scenes: gradients, glows, silhouettes and light."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter, ImageOps

Colour = tuple[int, int, int]
Point = tuple[float, float]
Stops = Sequence[tuple[float, str]]


@dataclass(frozen=True)
class Sheet:
    """The size of a scene in pixels, and its random generator."""

    width: int
    height: int
    rng: Random

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.width, self.height

    @property
    def unit(self) -> float:
        """The short side in pixels, the unit of lengths, so that a scene looks the same at every scale."""
        return float(min(self.size))


@lru_cache(512)
def colour(text: str) -> Colour:
    """Parse '#rrggbb'."""
    red, green, blue = ImageColor.getrgb(text)[:3]
    return red, green, blue


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Interpolate between the first colour (0) and the second (1)."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def ease(share: float) -> float:
    """Clamp to 0..1 and smooth both ends (smoothstep)."""
    share = min(1.0, max(0.0, share))
    return share * share * (3 - 2 * share)


def along(stops: Stops, place: float) -> Colour:
    """The colour at a position (0..1) of a gradient."""
    for (low, first), (high, second) in itertools.pairwise(stops):
        if place <= high:
            share = (place - low) / max(high - low, 1e-6)
            return mix(colour(first), colour(second), min(1.0, max(0.0, share)))
    return colour(stops[-1][1])


def gradient(size: tuple[int, int], stops: Stops) -> Image.Image:
    """An image with a vertical gradient, from top (0) to bottom (1)."""
    strip = Image.new("RGB", (1, 512))
    for row in range(512):
        strip.putpixel((0, row), along(stops, row / 511))
    return strip.resize(size, Image.Resampling.BICUBIC)


def curve(image: Image.Image, change: Callable[[float], float]) -> Image.Image:
    """Apply a tone curve to every channel; `change` maps 0..1 to 0..1."""
    table = [round(255 * min(1.0, max(0.0, change(value / 255)))) for value in range(256)]
    return image.point(table * len(image.getbands()))


def levels(mask: Image.Image, low: float, high: float, gamma: float = 1.0) -> Image.Image:
    """Stretch the values between `low` and `high` (0..1) to the full range."""
    return curve(mask, lambda value: min(1.0, max(0.0, (value - low) / (high - low))) ** gamma)


def ramp(size: tuple[int, int], change: Callable[[float], float]) -> Image.Image:
    """A mask whose rows have the value `change` returns, from top (0) to bottom (1)."""
    strip = Image.new("L", (1, 1024))
    strip.putdata([round(255 * min(1.0, max(0.0, change(row / 1023)))) for row in range(1024)])
    return strip.resize(size, Image.Resampling.BICUBIC)


def glow(size: tuple[int, int], centre: Point, radius: Point, sharpness: float = 2.0) -> Image.Image:
    """A soft elliptic mask, white in the centre and black from `radius` on; lengths in pixels."""
    disc = curve(ImageOps.invert(Image.radial_gradient("L")), lambda v: ease(min(1.0, v * 1.42 - 0.42)) ** sharpness)
    wide, high = max(2, round(radius[0] * 2)), max(2, round(radius[1] * 2))
    spot = disc.resize((wide, high), Image.Resampling.BICUBIC)
    mask = Image.new("L", size)
    mask.paste(spot, (round(centre[0] - radius[0]), round(centre[1] - radius[1])))
    return mask


def lay(image: Image.Image, paint: str | Colour | Image.Image, mask: Image.Image, strength: float = 1.0) -> None:
    """Paint a colour or an image over `image` where the mask is white."""
    if strength != 1.0:
        mask = curve(mask, lambda value: value * strength)
    if isinstance(paint, Image.Image):
        image.paste(paint, (0, 0), mask)
    else:
        image.paste(colour(paint) if isinstance(paint, str) else paint, (0, 0, *image.size), mask)


def tinted(mask: Image.Image, paint: str) -> Image.Image:
    """The mask as an RGB image in shades of one colour."""
    tables = [[round(value * part / 255) for value in range(256)] for part in colour(paint)]
    return Image.merge("RGB", [mask.point(table) for table in tables])


def light(image: Image.Image, paint: str, mask: Image.Image, strength: float = 1.0) -> Image.Image:
    """The image with light of one colour added where the mask is white."""
    return ImageChops.screen(image, curve(tinted(mask, paint), lambda value: value * strength))


def silhouette(size: tuple[int, int], shapes: Sequence[Sequence[Point]]) -> Image.Image:
    """A mask of filled polygons with smooth edges."""
    large = Image.new("L", (size[0] * 2, size[1] * 2))
    pen = ImageDraw.Draw(large)
    for shape in shapes:
        pen.polygon([(x * 2, y * 2) for x, y in shape], fill=255)
    return large.reduce(2)


def under(line: Sequence[float], size: tuple[int, int]) -> list[Point]:
    """The polygon below a ridge line, which is given as y coordinates from left to right."""
    step = size[0] / (len(line) - 1)
    ridge = [(index * step, y) for index, y in enumerate(line)]
    return [(-2.0, size[1] + 2.0), (-2.0, line[0]), *ridge, (size[0] + 2.0, line[-1]), (size[0] + 2.0, size[1] + 2.0)]


def soften(image: Image.Image, radius: float) -> Image.Image:
    """Blur by a radius in pixels."""
    return image.filter(ImageFilter.GaussianBlur(radius))


def smear(image: Image.Image, across: float, down: float) -> Image.Image:
    """Blur by different radii across and down, in pixels."""
    return image.filter(ImageFilter.GaussianBlur((across, down)))


def bell(value: float, centre: float, width: float) -> float:
    """The value of a Gaussian with height 1."""
    return math.exp(-(((value - centre) / width) ** 2))
