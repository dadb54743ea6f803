"""Sand and stone: dunes in a low sun, and a slot canyon carved by water."""

from __future__ import annotations

import math

from PIL import Image, ImageChops

from demo.brushes import Colour, Sheet, Stops, along, colour, curve, ease, glow, gradient, light, mix, ramp, soften
from demo.noise import coloured, evaluate, field, fractal, stretched
from demo.scenes.sea import waves
from demo.scenes.terrain import Land, Shade, View, lit, painted, render_land, shadows


def _dune_heights(sheet: Sheet, side: int) -> Image.Image:
    crests = field(sheet.rng, (side, side), (3, 6), 2, 0.28, ridged=True)
    broad = field(sheet.rng, (side, side), (2, 3), 2, 0.4)
    ripples = field(sheet.rng, (side, side), (40, 150), 2, 0.5)
    return stretched(evaluate(lambda a: a["c"] * 0.8 + a["b"] * 0.5 + a["r"] * 0.004, c=crests, b=broad, r=ripples))


def sand_shade(warm: str, cool: str) -> Shade:
    """The shading function for sand, between a cool and a warm colour."""
    sunny, shady = colour(warm), colour(cool)

    def shade(height: float, facing: float, chance: float) -> tuple[float, float, float]:
        red, green, blue = mix(shady, sunny, ease(facing * 1.25 - 0.1))
        lift = 0.95 + 0.04 * chance + 0.06 * height
        return min(1.0, red * lift / 255), min(1.0, green * lift / 255), min(1.0, blue * lift / 255)

    return shade


def dunes(sheet: Sheet, sky: Stops, warm: str = "#f2b06a", cool: str = "#5b3038") -> Image.Image:
    """Paint dunes with sharp crests, half in the light and half in shade."""
    side = max(160, min(1600, sheet.width))
    heights = _dune_heights(sheet, side)
    sun = (-0.95, -0.2)
    facing = ImageChops.subtract(lit(heights, 0.2, sun, 0.45), curve(shadows(heights, 0.55, sun), lambda v: v * 0.45))
    chance = fractal(sheet.rng, (side, side), (80, 200), 4, 0.7)
    land = Land(heights, painted(heights, soften(facing, 0.6), chance, sand_shade(warm, cool)))
    picture = gradient(sheet.size, sky)
    picture = light(
        picture, "#fff0cf", glow(sheet.size, (sheet.width * 0.2, sheet.height * 0.3), (sheet.unit,) * 2), 0.4
    )
    render_land(picture, land, View(0.27, 0.26, 0.13, 0.36, 1.5, 1.15, along(sky, 0.3), 0.8))
    return _combed(sheet, picture, 0.36)


def _combed(sheet: Sheet, picture: Image.Image, level: float) -> Image.Image:
    shore = round(sheet.height * level)
    ripples = Image.new("L", sheet.size, 128)
    ripples.paste(waves(sheet, sheet.height - shore), (0, shore))
    fade = ramp(sheet.size, lambda y: 0.18 * ease((y - level) * 2.2))
    tone = Image.composite(ripples, Image.new("L", sheet.size, 128), fade)
    return ImageChops.soft_light(picture, Image.merge("RGB", (tone, tone, tone)))


STONE: Stops = (
    (0, "#2a0d12"), (0.14, "#5b1a1c"), (0.32, "#96321f"), (0.48, "#c8572b"), (0.64, "#e07b3a"),
    (0.78, "#ee9e55"), (0.9, "#f5bd7c"), (1, "#fad7a4"),
)  # fmt: skip
VIOLET: Stops = (
    (0, "#160b20"), (0.15, "#3a1a44"), (0.32, "#7a2f5c"), (0.5, "#c2556a"), (0.68, "#ee8d70"),
    (0.85, "#fbc79a"), (1, "#fff1dc"),
)  # fmt: skip


def slot_canyon(sheet: Sheet, stone: Stops = STONE, octaves: int = 2, bold: float = 0.5) -> Image.Image:
    """Paint walls of layered sandstone, lit from above through a gap."""
    swell = field(sheet.rng, sheet.size, (2, 2), octaves + 1, 0.3)
    fold = field(sheet.rng, sheet.size, (3, 2), octaves, 0.25, ridged=True)
    fine = field(sheet.rng, sheet.size, (9, 40), 6, 0.6)
    form = stretched(evaluate(lambda a: a["s"] + a["f"] * 0.55, s=swell, f=fold))
    strata = evaluate(lambda a: a["m"] + a["n"] * 0.012, m=form, n=fine)
    bands = coloured(stretched(strata), lambda v: _band(v, bold))
    walls = coloured(stretched(evaluate(lambda a: a["m"] + a["n"] * 0.03, m=form, n=fine)), lambda v: along(stone, v))
    picture = ImageChops.soft_light(walls, bands)
    relief = lit(form, 0.6, (0.4, 1.0), 0.46)
    picture = ImageChops.soft_light(picture, Image.merge("RGB", (relief, relief, relief)))
    gap = glow(sheet.size, (sheet.width * 0.55, -0.05 * sheet.height), (sheet.unit * 0.9, sheet.unit * 0.9), 1.3)
    return light(picture, "#ffc98a", gap, 0.25)


def _band(height: float, bold: float) -> Colour:
    tone = 0.2 * math.sin(height * 210) + 0.14 * math.sin(height * 517 + 1) + 0.1 * math.sin(height * 97 + 2)
    value = round(255 * min(0.95, max(0.05, 0.5 + bold * tone)))
    return value, value, value
