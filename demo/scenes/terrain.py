"""Render a height map in perspective, with sunlight, shadows and haze."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from demo.brushes import Colour
from demo.noise import evaluate, flat, floats, scaled

Box = tuple[float, float, float, float]
Shade = Callable[[float, float, float], tuple[float, float, float]]


@dataclass(frozen=True)
class Land:
    """A map of heights (float, 0..1, far end at the top) and a map of colours."""

    heights: Image.Image
    colours: Image.Image


@dataclass(frozen=True)
class View:
    """The camera and the air; lengths in widths of the map."""

    eye: float
    horizon: float
    relief: float
    near: float
    far: float
    zoom: float
    air: Colour
    haze: float
    slices: int = 1400


def lit(heights: Image.Image, relief: float, sun: tuple[float, float], ambient: float = 0.5) -> Image.Image:
    """A mask of how much the slopes of a height map face the sun in a given direction."""
    steep = relief * heights.width / 2
    moved = _shifted(heights, sun[0] * 2, sun[1] * 2)
    return flat(clipped(evaluate(lambda a: (a["h"] - a["m"]) * steep + ambient, h=heights, m=moved)))


def clipped(image: Image.Image) -> Image.Image:
    """Clamp a float image to 0..1."""
    return evaluate(lambda a: _bounded(a["i"]), i=image)


def _bounded(value: object) -> object:
    low = (value > 0) * value  # type: ignore[operator]
    return low * (low < 1) + (low >= 1)


def _shifted(image: Image.Image, across: float, down: float) -> Image.Image:
    step = (1, 0, across, 0, 1, down)
    return image.transform(image.size, Image.Transform.AFFINE, step, Image.Resampling.BILINEAR)


def shadows(heights: Image.Image, fall: float, sun: tuple[float, float], steps: int = 90) -> Image.Image:
    """A mask of the shadows on a height map; `fall` is the descent of sunlight per width of the map."""
    small = heights.reduce(4)
    tallest, drop = small, fall / small.width
    for step in range(1, steps):
        moved = _shifted(small, sun[0] * step, sun[1] * step)
        tallest = evaluate(lambda a: _larger(a["t"], a["m"]), t=tallest, m=scaled(moved, 1, -drop * step))
    dark = evaluate(lambda a: (a["t"] - a["s"]) * 40, t=tallest, s=small)
    return flat(clipped(dark)).filter(ImageFilter.GaussianBlur(0.7)).resize(heights.size, Image.Resampling.BICUBIC)


def _larger(first: object, second: object) -> object:
    return first + (second - first) * (second > first)  # type: ignore[operator]


def painted(heights: Image.Image, light: Image.Image, chance: Image.Image, shade: Shade) -> Image.Image:
    """A map of colours: `shade` applied to height, light and noise."""
    return Image.merge("RGB", (flat(heights), light, chance)).filter(ImageFilter.Color3DLUT.generate(33, shade))


def render_land(picture: Image.Image, land: Land, view: View) -> None:
    """Draw the land into the picture in slices, from near to far, each above the slices before it."""
    air = Image.new("RGB", (picture.width, 1), view.air)
    hidden = [float(picture.height)] * (picture.width // 3)
    count = min(view.slices, picture.width)
    for index in range(count):
        distance = view.near * (view.far / view.near) ** (index / (count - 1))
        line, box = _crest(land, view, picture, distance)
        nearest = list(map(min, line, hidden))
        if nearest != hidden:
            paint = land.colours.resize((picture.width, 1), Image.Resampling.BILINEAR, box=box)
            share = 1 - math.exp(-((distance / view.far) ** 1.5) * view.haze)
            _stack(picture, nearest, hidden, Image.blend(paint, air, share))
            hidden = nearest
    picture.paste(picture.filter(ImageFilter.GaussianBlur(picture.width * 0.0004)))


def _crest(land: Land, view: View, picture: Image.Image, distance: float) -> tuple[list[float], Box]:
    side, depth = land.heights.size
    half = min(side / 2, distance / view.zoom / 2 * side)
    row = (view.far - distance) / (view.far - view.near) * (depth - 2)
    box = (side / 2 - half, row, side / 2 + half, row + 1)
    line = floats(land.heights.resize((picture.width // 3, 1), Image.Resampling.BILINEAR, box=box))
    scale, level = picture.width * view.zoom / distance, picture.height * view.horizon
    base, slope = level + view.eye * scale, view.relief * scale
    return [base - slope * height for height in line], box


def _stack(picture: Image.Image, crest: list[float], hidden: list[float], paint: Image.Image) -> None:
    changed = [index for index, (y, edge) in enumerate(zip(crest, hidden, strict=True)) if y < edge]
    step = picture.width / (len(crest) - 1)
    first, last = max(0, changed[0] - 1), min(len(crest), changed[-1] + 2)
    left, right = int(first * step), min(picture.width, int(last * step) + 1)
    top = max(0, int(min(crest[first:last])) - 1)
    bottom = min(picture.height, int(max(hidden[index] for index in changed)) + 2)
    if bottom <= top:
        return
    upper = [(index * step - left, crest[index] - top) for index in range(first, last)]
    lower = [(index * step - left, hidden[index] - top + 0.5) for index in range(last - 1, first - 1, -1)]
    mask = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(mask).polygon([*upper, *lower], fill=255)
    picture.paste(paint.crop((left, 0, right, 1)).resize(mask.size), (left, top), mask)
