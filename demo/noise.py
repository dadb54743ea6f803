"""Fractal noise for clouds, textures and ridge lines, and arithmetic on float images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from PIL import Image, ImageMath

from demo.brushes import Colour

Pair = tuple[int, int]


def field(
    rng: Random, size: Pair, cells: Pair, octaves: int = 7, gain: float = 0.5, ridged: bool = False
) -> Image.Image:
    """Fractal noise as a float image of 0..1; each octave has cells half as large and is weighted by `gain`."""
    total = Image.new("F", cells, 0.0)
    weight = 1.0
    for _ in range(octaves):
        grain = _cells(rng, cells, size, ridged)
        total = total.resize(grain.size, Image.Resampling.BICUBIC)
        total = evaluate(lambda a: a["t"] + a["g"], t=total, g=scaled(grain, weight))
        cells = min(cells[0] * 2, size[0]), min(cells[1] * 2, size[1])
        weight *= gain
    return stretched(total.resize(size, Image.Resampling.BICUBIC))


def _cells(rng: Random, cells: Pair, limit: Pair, ridged: bool) -> Image.Image:
    raw = Image.frombytes("L", cells, rng.randbytes(cells[0] * cells[1])).convert("F")
    room = min(cells[0] * 3, limit[0]), min(cells[1] * 3, limit[1])
    soft = raw.resize(room, Image.Resampling.BICUBIC)
    if not ridged:
        return soft
    return evaluate(lambda a: 255 - abs(a["s"] * 2 - 255), s=soft)


def scaled(image: Image.Image, share: float, plus: float = 0.0) -> Image.Image:
    """The float image times `share`, plus `plus`."""
    return image.point(lambda v: v * share + plus)


def evaluate(rule: Callable[[dict[str, ImageMath._Operand]], object], **images: Image.Image) -> Image.Image:
    """Apply an ImageMath expression to images, pixel by pixel."""
    result = ImageMath.lambda_eval(lambda a: rule(a), **images)
    assert isinstance(result, Image.Image)
    return result


def stretched(image: Image.Image) -> Image.Image:
    """Stretch a float image to exactly 0..1."""
    low, high = (float(v) for v in image.getextrema() if not isinstance(v, tuple))
    return scaled(image, 1 / max(high - low, 1e-6), -low / max(high - low, 1e-6))


def flat(image: Image.Image) -> Image.Image:
    """Convert a float image of 0..1 to an 8-bit mask."""
    return scaled(image, 255, 0.5).convert("L")


def fractal(
    rng: Random, size: Pair, cells: Pair, octaves: int = 7, gain: float = 0.5, ridged: bool = False
) -> Image.Image:
    """Fractal noise as an 8-bit mask of full range."""
    return flat(field(rng, size, cells, octaves, gain, ridged))


def floats(image: Image.Image) -> list[float]:
    """The pixel values of a float image."""
    return list(memoryview(image.tobytes()).cast("f"))


def profile(rng: Random, count: int, cells: int, gain: float = 0.5, ridged: bool = False) -> list[float]:
    """`count` heights of 0..1 along a ridge; a higher `gain` makes it rougher."""
    return floats(field(rng, (count, 1), (cells, 1), 12, gain, ridged))


def sloped(size: Pair, change: Callable[[float], float]) -> Image.Image:
    """A float image whose rows have the value `change` returns, from top (0) to bottom (1)."""
    strip = Image.new("F", (1, 512))
    strip.putdata([change(row / 511) for row in range(512)])
    return strip.resize(size, Image.Resampling.BICUBIC)


def coloured(image: Image.Image, scale: Callable[[float], Colour]) -> Image.Image:
    """Map a float image of 0..1 to colours, in 4,096 steps."""
    fine = scaled(image, 65535).convert("I")
    tables = zip(*(scale(step / 4095) for step in range(4096)), strict=True)
    return Image.merge("RGB", [fine.point(_wide(table), "L") for table in tables])


def _wide(table: Sequence[int]) -> list[int]:
    return [value for value in table for _ in range(16)]
