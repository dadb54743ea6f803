"""The sea: sun on the water, long exposures, and a coast seen from the air."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageChops

from demo.brushes import (
    Sheet,
    Stops,
    along,
    bell,
    colour,
    curve,
    ease,
    glow,
    gradient,
    lay,
    levels,
    light,
    mix,
    ramp,
    silhouette,
    smear,
    soften,
)
from demo.noise import coloured, evaluate, field, flat, fractal, profile, sloped, stretched


@dataclass(frozen=True)
class Evening:
    """Colours of sky and sea, and the position and size of the sun or moon (0..1)."""

    sky: Stops
    sea: Stops
    sun: str
    at: tuple[float, float]
    disc: float
    level: float = 0.52
    clouds: str = "#ffffff"
    gleam: float = 1.0


SUNSET = Evening(
    sky=((0, "#2b3a67"), (0.22, "#6a5a86"), (0.4, "#e0826a"), (0.5, "#ffc27a"), (1, "#ffd99a")),
    sea=((0, "#f0a56c"), (0.06, "#b8736b"), (0.35, "#4d4a70"), (1, "#141c38")),
    sun="#ffe6a8",
    at=(0.58, 0.465),
    disc=0.03,
    clouds="#ff9a6a",
)
MOON = Evening(
    sky=((0, "#0a1226"), (0.3, "#1c2d4f"), (0.5, "#4b5f86"), (1, "#8390a8")),
    sea=((0, "#4b5f80"), (0.1, "#2a3c5e"), (1, "#060b18")),
    sun="#fff0cf",
    at=(0.4, 0.3),
    disc=0.038,
    level=0.6,
    clouds="#7e8fb5",
    gleam=0.8,
)


def sun_glitter(sheet: Sheet, evening: Evening) -> Image.Image:
    """Paint a low sun or moon and its reflection on the waves."""
    picture = gradient(sheet.size, evening.sky)
    picture = clouds(sheet, picture, evening)
    centre = (sheet.width * evening.at[0], sheet.height * evening.at[1])
    for radius, strength in ((1.2, 0.4), (0.4, 0.45), (0.12, 0.5)):
        ring = glow(sheet.size, centre, (sheet.unit * radius, sheet.unit * radius * 0.8))
        picture = light(picture, evening.sun, ring, strength)
    _disc(sheet, picture, evening, centre)
    shore = round(sheet.height * evening.level)
    picture.paste(_water(sheet, evening, sheet.height - shore), (0, shore))
    return picture


def _disc(sheet: Sheet, picture: Image.Image, evening: Evening, centre: tuple[float, float]) -> None:
    radius = sheet.unit * evening.disc
    ball = levels(glow(sheet.size, centre, (radius * 2, radius * 2), 1), 0.47, 0.53)
    lay(picture, mix(colour(evening.sun), (255, 255, 255), 0.6), ball)
    craters = levels(fractal(sheet.rng, sheet.size, (90, 68), 4), 0.45, 0.8)
    if evening.level > evening.at[1] + 0.1:
        lay(picture, "#b9a98c", ImageChops.multiply(ball, craters), 0.55)


def clouds(sheet: Sheet, picture: Image.Image, evening: Evening) -> Image.Image:
    """Paint streaks of cloud on a sky, lit from below."""
    streaks = levels(fractal(sheet.rng, sheet.size, (2, 9), 8, 0.55), 0.48, 0.95)
    fade = ramp(sheet.size, lambda y: ease(y / evening.level * 1.4) * ease((evening.level - y) * 9))
    mask = ImageChops.multiply(streaks, fade)
    lay(picture, mix(along(evening.sky, 0.1), along(evening.sky, 0.3), 0.5), mask, 0.55)
    lower = ImageChops.subtract(mask, ImageChops.offset(mask, 0, -round(sheet.unit * 0.008)))
    return light(picture, evening.clouds, curve(soften(lower, sheet.unit * 0.003), lambda v: v * 3), 0.8)


def waves(sheet: Sheet, depth: int) -> Image.Image:
    """A mask of waves in perspective: fine at the horizon, broad in the foreground."""
    side, length, near = 1400, 2800, 0.1
    calm = fractal(sheet.rng, (side, length), (150, 520), 3, 0.55)
    lean = (1 - near) / (near * depth)
    across = side / sheet.width
    middle = side / 2
    coefficients = (across, middle * lean, 0.0, 0.0, length / (near * depth), 0.0, 0.0, lean)
    return calm.transform((sheet.width, depth), Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)


def _water(sheet: Sheet, evening: Evening, depth: int) -> Image.Image:
    size = (sheet.width, depth)
    swell = waves(sheet, depth)
    water = gradient(size, evening.sea)
    shade = curve(swell, lambda v: 0.5 + (v - 0.5) * 0.75)
    water = ImageChops.soft_light(water, Image.merge("RGB", (shade, shade, shade)))
    road = _road(size, evening)
    spark = levels(ImageChops.add(swell, curve(road, lambda v: v * 0.62), 1, -110), 0.4, 0.62)
    sparkle = ImageChops.multiply(spark, curve(road, lambda v: min(1.0, v * 2.4)))
    water = light(water, evening.sun, soften(sparkle, sheet.unit * 0.012), 0.35 * evening.gleam)
    water = light(water, evening.sun, road, 0.22 * evening.gleam)
    return light(water, evening.sun, sparkle, 0.95 * evening.gleam)


def _road(size: tuple[int, int], evening: Evening) -> Image.Image:
    rows, columns = 128, 256
    small = Image.new("L", (columns, rows))
    pixels = []
    for row in range(rows):
        wide = 0.035 + 0.16 * (row / rows) ** 0.8
        pixels += [
            round(255 * bell(x / columns, evening.at[0], wide) * (1 - 0.55 * row / rows)) for x in range(columns)
        ]
    small.putdata(pixels)
    return small.resize(size, Image.Resampling.BICUBIC)


SHALLOWS: Stops = (
    (0, "#062a4a"),
    (0.22, "#0a4f78"),
    (0.42, "#1189a0"),
    (0.55, "#4cc3bf"),
    (0.62, "#a5e2d2"),
    (0.655, "#c9b48e"),
    (0.72, "#d9c39c"),
    (0.85, "#ecdcbc"),
    (1, "#f3e8cf"),
)


def coast_from_above(sheet: Sheet) -> Image.Image:
    """Paint a beach seen from the air: deep water, shallows, lines of surf, wet and dry sand."""
    depth = _seabed(sheet)
    picture = coloured(depth, lambda v: along(SHALLOWS, v))
    ripple = fractal(sheet.rng, sheet.size, (34, 50), 5, 0.6)
    picture = ImageChops.soft_light(picture, Image.merge("RGB", [curve(ripple, lambda v: 0.35 + v * 0.3)] * 3))
    for place, width, strength in ((0.638, 0.012, 1.0), (0.585, 0.011, 0.85), (0.52, 0.009, 0.55), (0.46, 0.007, 0.3)):
        picture = _surf(sheet, picture, depth, (place, width, strength))
    return picture


def _seabed(sheet: Sheet) -> Image.Image:
    slope = sloped(sheet.size, lambda y: 1 - y)
    broad = field(sheet.rng, sheet.size, (2, 2), 3, 0.4)
    fine = field(sheet.rng, sheet.size, (6, 6), 7, 0.5)
    return stretched(evaluate(lambda a: a["s"] + a["b"] * 0.5 + a["f"] * 0.09, s=slope, b=broad, f=fine))


def _surf(sheet: Sheet, picture: Image.Image, depth: Image.Image, wave: tuple[float, float, float]) -> Image.Image:
    place, width, strength = wave
    wander = field(sheet.rng, sheet.size, (5, 5), 8, 0.6)
    moved = evaluate(lambda a: a["d"] + a["w"] * 0.045 - 0.0225, d=depth, w=wander)
    crest = flat(evaluate(lambda a: 1 / (1 + ((a["m"] - place) / width) ** 2), m=moved))
    lace = levels(fractal(sheet.rng, sheet.size, (40, 40), 5, 0.65, ridged=True), 0.35, 0.85)
    foam = ImageChops.multiply(crest, ImageChops.lighter(lace, levels(crest, 0.6, 0.95)))
    return light(picture, "#ffffff", levels(foam, 0.12, 0.8), strength)


def long_exposure(sheet: Sheet, tones: Stops) -> Image.Image:
    """Paint a long exposure of rocks in smooth water."""
    picture = gradient(sheet.size, tones)
    clouds = smear(fractal(sheet.rng, sheet.size, (4, 8), 6), sheet.unit * 0.12, sheet.unit * 0.004)
    fade = ramp(sheet.size, lambda y: ease((0.5 - y) * 5))
    picture = light(picture, "#ffffff", ImageChops.multiply(levels(clouds, 0.45, 0.75), fade), 0.35)
    mist = smear(fractal(sheet.rng, sheet.size, (5, 12), 7), sheet.unit * 0.05, sheet.unit * 0.004)
    low = ramp(sheet.size, lambda y: ease((y - 0.5) * 3))
    picture = light(picture, "#ffffff", ImageChops.multiply(levels(mist, 0.42, 0.75), low), 0.3)
    for x, y, size in ((0.3, 0.74, 0.16), (0.48, 0.68, 0.07), (0.17, 0.65, 0.05), (0.55, 0.83, 0.06)):
        picture = _rock(sheet, picture, (x, y), size)
    return picture


def _rock(sheet: Sheet, picture: Image.Image, place: tuple[float, float], size: float) -> Image.Image:
    x, y, wide = sheet.width * place[0], sheet.height * place[1], sheet.unit * size
    bumps = profile(sheet.rng, 160, 3, 0.5)
    outline = [
        (x + wide * (i / 80 - 1), y - wide * 0.75 * ease(1 - abs(i / 80 - 1)) ** 0.7 * (0.35 + 0.8 * h))
        for i, h in enumerate(bumps)
    ]
    mirror = [(px, y + (y - py) * 0.7) for px, py in outline]
    lay(picture, "#1b2530", soften(silhouette(sheet.size, [mirror]), sheet.unit * 0.009), 0.45)
    stone = fractal(sheet.rng, sheet.size, (60, 60), 6, 0.65)
    paint = Image.merge("RGB", [curve(stone, lambda v, k=k: 0.03 + v * k) for k in (0.2, 0.22, 0.25)])  # type: ignore[misc]
    lay(picture, paint, silhouette(sheet.size, [outline]))
    veil = glow(sheet.size, (x, y + wide * 0.03), (wide * 1.5, wide * 0.16), 1.2)
    return light(picture, "#dfe9ee", veil, 0.75)


SILENT: Stops = (
    (0, "#8fa9b8"),
    (0.3, "#c8d3d6"),
    (0.498, "#f1ebe2"),
    (0.502, "#d5dcdc"),
    (0.75, "#a9bcc4"),
    (1, "#6d8794"),
)
