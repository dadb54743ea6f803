"""Snowy peaks above a lake, lit by a low sun."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageChops

from demo.brushes import Sheet, Stops, colour, curve, ease, gradient, mix
from demo.noise import evaluate, field, fractal, sloped
from demo.scenes.night import mirrored, stars
from demo.scenes.terrain import Land, Shade, View, lit, painted, render_land, shadows

MAP = 1600


def _map_side(sheet: Sheet) -> int:
    return max(160, min(MAP, sheet.width))


def _alps(sheet: Sheet, side: int, cells: tuple[int, int]) -> Image.Image:
    rough = field(sheet.rng, (side, side), cells, 9, 0.47, ridged=True)
    basin = sloped((side, side), lambda y: ease(1.15 - y * 1.3))
    return evaluate(lambda a: a["r"] * a["b"], r=rough, b=basin)


def alpine_shade(warm: str, cool: str) -> Shade:
    """The shading function for mountains: snow where high or flat, rock, and woods below."""
    sunny, shady = colour(warm), colour(cool)

    def shade(height: float, facing: float, chance: float) -> tuple[float, float, float]:
        snow = ease((height + (chance - 0.5) * 0.3 - 0.25) / 0.13)
        wood = ease((0.17 + (chance - 0.5) * 0.15 - height) / 0.08)
        ground = mix(mix((92, 92, 100), (245, 246, 250), snow), (46, 68, 52), wood)
        sun = mix(shady, sunny, ease(facing * 1.3 - 0.15))
        red, green, blue = (g * s / 255 / 255 * 1.12 for g, s in zip(ground, sun, strict=True))
        return min(1.0, red), min(1.0, green), min(1.0, blue)

    return shade


@dataclass(frozen=True)
class Hour:
    """The light of one time of day: colours of the sky, of sun and shade, and of the air."""

    sky: Stops
    warm: str
    cool: str
    air: str
    stars: int = 0


MORNING = Hour(((0, "#2f5d96"), (0.3, "#7ba3c9"), (0.5, "#f0d3bd"), (1, "#ffe6cc")), "#ffd9b8", "#4a628f", "#b9c6dc")
ALPENGLOW = Hour(
    ((0, "#2a3566"), (0.25, "#6a6a9e"), (0.42, "#d99aa6"), (0.55, "#f6c3a8"), (1, "#f6c3a8")),
    "#ff9f86",
    "#3d4a80",
    "#b08fb0",
)
MOONLIT = Hour(
    ((0, "#040916"), (0.3, "#0d1d3a"), (0.6, "#2c4a6e"), (1, "#3f5f80")), "#9fb8dc", "#16243f", "#23395a", stars=2600
)


def alpine_lake(sheet: Sheet, hour: Hour, level: float = 0.6) -> Image.Image:
    """Paint snowy peaks in a low sun and their reflection in a lake."""
    side = _map_side(sheet)
    relief = 0.33 if sheet.width < sheet.height * 2 else 0.12
    heights = _alps(sheet, side, (3, 3) if relief > 0.2 else (7, 5))
    sun = (-0.85, 0.35)
    dark = shadows(heights, 0.3 / relief, sun)
    facing = Image.composite(Image.new("L", dark.size, 20), lit(heights, relief, sun), curve(dark, lambda v: v * 0.75))
    chance = fractal(sheet.rng, (side, side), (24, 24), 6, 0.6)
    land = Land(heights, painted(heights, facing, chance, alpine_shade(hour.warm, hour.cool)))
    picture = gradient(sheet.size, hour.sky)
    if hour.stars:
        picture = ImageChops.screen(picture, stars(sheet, Image.new("L", sheet.size, 70), hour.stars))
    render_land(
        picture, land, View(0.02 * relief / 0.33, level - 0.01, relief, 0.25, 1.25, 1.25, colour(hour.air), 0.75)
    )
    return mirrored(sheet, picture, level, 0.82)
