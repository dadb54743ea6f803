"""Misty mountain ridges at dawn and at dusk."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageChops

from demo.brushes import Sheet, Stops, along, curve, glow, gradient, lay, light, mix, ramp, silhouette, under
from demo.noise import field, fractal, profile
from demo.scenes.terrain import lit
from demo.scenes.trees import wood


@dataclass(frozen=True)
class Mood:
    """The light of a landscape: colours of sky, hills, mist and sun, and the sun's position (0..1)."""

    sky: Stops
    hills: Stops
    mist: str
    sun: str
    sun_at: tuple[float, float] = (0.62, 0.4)
    layers: int = 7
    horizon: float = 0.42


DAWN = Mood(
    sky=((0, "#3f5f8f"), (0.25, "#8f9fbd"), (0.38, "#efc1a4"), (0.48, "#fbd9a6"), (1, "#ffe9c8")),
    hills=((0, "#d9a58c"), (0.35, "#9c7585"), (0.7, "#4b4566"), (1, "#141a2c")),
    mist="#ffe3bd",
    sun="#fff1cf",
)
BLUE = Mood(
    sky=((0, "#7fa3c4"), (0.3, "#b9d0dd"), (0.5, "#e9efec"), (1, "#f4f4ee")),
    hills=((0, "#b6ccd8"), (0.4, "#6f97ae"), (0.75, "#2e5a73"), (1, "#0b2230")),
    mist="#eef4f4",
    sun="#ffffff",
    sun_at=(0.3, 0.3),
    layers=8,
    horizon=0.36,
)
EMBER = Mood(
    sky=((0, "#241a3d"), (0.2, "#5b2a57"), (0.36, "#c4474a"), (0.46, "#f78d3f"), (1, "#ffc76b")),
    hills=((0, "#d0603f"), (0.35, "#86344a"), (0.7, "#3a1b3a"), (1, "#0e0a18")),
    mist="#ff9d55",
    sun="#ffe2a0",
    sun_at=(0.38, 0.43),
    layers=6,
    horizon=0.45,
)

FRESH = Mood(
    sky=((0, "#3c8fb0"), (0.22, "#86c3cc"), (0.4, "#f3e3c3"), (0.5, "#ffdcae"), (1, "#ffdcae")),
    hills=((0, "#b9cfc4"), (0.35, "#6fa39f"), (0.7, "#2f6468"), (1, "#0c2a2e")),
    mist="#fbeed3",
    sun="#fff6d8",
    sun_at=(0.45, 0.45),
    layers=6,
    horizon=0.56,
)


def misty_ridges(sheet: Sheet, mood: Mood) -> Image.Image:
    """Paint ridges that fade into mist, with conifers on the nearest."""
    picture = open_sky(sheet, mood)
    folds = _folds(sheet)
    for index in range(mood.layers):
        _ridge(picture, sheet, mood, index / (mood.layers - 1), folds)
    wood(picture, sheet, 0.93, mood.hills[-1][1])
    centre = (sheet.width * mood.sun_at[0], sheet.height * mood.sun_at[1])
    return light(picture, mood.sun, glow(sheet.size, centre, (sheet.unit, sheet.unit * 0.8), 1.6), 0.45)


def open_sky(sheet: Sheet, mood: Mood) -> Image.Image:
    """Paint a sky with the sun and thin clouds."""
    sky = gradient(sheet.size, mood.sky)
    centre = (sheet.width * mood.sun_at[0], sheet.height * mood.sun_at[1])
    for radius, strength in ((1.1, 0.5), (0.45, 0.5), (0.1, 0.6)):
        sky = light(sky, mood.sun, glow(sheet.size, centre, (sheet.unit * radius, sheet.unit * radius)), strength)
    wisps = fractal(sheet.rng, sheet.size, (3, 14), 7, 0.55)
    fade = ramp(sheet.size, lambda y: max(0.0, 1 - y / mood.horizon))
    return light(sky, mood.sun, Image.composite(wisps, Image.new("L", sheet.size), fade), 0.22)


def _ridge(picture: Image.Image, sheet: Sheet, mood: Mood, near: float, folds: Image.Image) -> None:
    top = sheet.height * (mood.horizon + (0.86 - mood.horizon) * near**1.15)
    tall = sheet.height * (0.13 + 0.08 * near)
    cells = 4 + round(2 * (1 - near)) if sheet.width > sheet.height else 3
    line = profile(sheet.rng, 1000, cells, 0.44, ridged=near < 0.7)
    mask = silhouette(sheet.size, [under([top - tall * (height - 0.45) for height in line], sheet.size)])
    folds = folds.transpose(sheet.rng.choice((Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_180)))
    depth = 0.02 + 0.08 * near
    tone = curve(folds, lambda v: 0.5 + (v - 0.5) * depth)
    hill = _hillside(sheet, mood, near, top, tall)
    lay(picture, ImageChops.soft_light(hill, Image.merge("RGB", (tone, tone, tone))), mask)


def _folds(sheet: Sheet) -> Image.Image:
    rough = field(sheet.rng, sheet.size, (6, 4), 7, 0.42, ridged=True)
    return lit(rough, 0.09, (0.8, 0.6))


def _hillside(sheet: Sheet, mood: Mood, near: float, top: float, tall: float) -> Image.Image:
    paint = along(mood.hills, near)
    haze = mix(paint, along(((0, mood.mist), (1, mood.mist)), 0), 0.75 - 0.5 * near)
    hill = Image.new("RGB", sheet.size, paint)
    start, end = (top - tall * 0.5) / sheet.height, (top + tall * 1.1) / sheet.height
    rise = ramp(sheet.size, lambda y: ((y - start) / (end - start)) ** 1.3 if y > start else 0)
    cloudy = fractal(sheet.rng, sheet.size, (4, 8), 6)
    lay(hill, haze, Image.blend(rise, Image.composite(cloudy, Image.new("L", sheet.size), rise), 0.45))
    return hill
