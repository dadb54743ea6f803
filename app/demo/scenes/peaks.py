"""Snowy peaks over a lake, and dunes: land that is lit by a low sun."""

from __future__ import annotations

from PIL import Image

from app.demo.brushes import Sheet, colour, ease, gradient, mix, ramp
from app.demo.noise import evaluate, field, fractal
from app.demo.scenes.night import mirrored
from app.demo.scenes.terrain import Land, Shade, View, lit, painted, seen, shadows

MAP = 1600


def _map_side(sheet: Sheet) -> int:
    return max(160, min(MAP, sheet.width))


def _alps(sheet: Sheet, side: int) -> Image.Image:
    rough = field(sheet.rng, (side, side), (3, 3), 9, 0.47, ridged=True)
    basin = ramp((side, side), lambda y: ease(1.15 - y * 1.3)).convert("F")
    return evaluate(lambda a: a["r"] * a["b"] * (1 / 255), r=rough, b=basin)


def alpine_shade(warm: str, cool: str) -> Shade:
    """Snow on what is high or flat, rock between, woods below."""
    sunny, shady = colour(warm), colour(cool)

    def shade(height: float, facing: float, chance: float) -> tuple[float, float, float]:
        snow = ease((height + (chance - 0.5) * 0.35 - 0.3) / 0.12)
        wood = ease((0.2 + (chance - 0.5) * 0.15 - height) / 0.08)
        ground = mix(mix((92, 84, 80), (245, 246, 250), snow), (34, 46, 38), wood)
        sun = mix(shady, sunny, ease(facing * 1.3 - 0.15))
        red, green, blue = (g * s / 255 / 255 * 1.12 for g, s in zip(ground, sun, strict=True))
        return min(1.0, red), min(1.0, green), min(1.0, blue)

    return shade


def alpine_lake(sheet: Sheet, warm: str = "#ffd9b8", cool: str = "#4a628f", level: float = 0.6) -> Image.Image:
    """Paint snowy peaks in the first sun and the still lake that mirrors them."""
    side = _map_side(sheet)
    heights = _alps(sheet, side)
    sun = (-0.85, 0.35)
    facing = lit(heights, 0.32, sun)
    dark = shadows(heights, 0.9, sun)
    facing = Image.composite(Image.new("L", facing.size, 20), facing, dark.point(lambda v: int(v * 0.75)))
    chance = fractal(sheet.rng, (side, side), (24, 24), 6, 0.6)
    land = Land(heights, painted(heights, facing, chance, alpine_shade(warm, cool)))
    sky = gradient(sheet.size, ((0, "#2f5d96"), (0.3, "#7ba3c9"), (0.5, "#f0d3bd"), (1, "#ffe6cc")))
    seen(sky, land, View(0.02, level - 0.01, 0.33, 0.25, 1.25, 1.25, colour("#b9c6dc"), 0.75))
    return mirrored(sheet, sky, level, 0.82)
