"""The city at dusk: lit windows and their reflection in the harbour."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from PIL import Image, ImageChops, ImageDraw

from demo.brushes import (
    Colour,
    Sheet,
    Stops,
    along,
    colour,
    curve,
    gradient,
    lay,
    levels,
    light,
    mix,
    ramp,
    smear,
    soften,
)
from demo.noise import fractal
from demo.scenes.night import rippled

DUSK: Stops = ((0, "#141d3f"), (0.3, "#33407a"), (0.5, "#8c5f8f"), (0.62, "#e58a6e"), (0.7, "#ffc58a"), (1, "#ffd9a8"))
WINDOWS = ("#ffd48a", "#ffbe6a", "#fff0cf", "#ffdca6", "#cfe4ff")


@dataclass(frozen=True)
class Row:
    """A row of buildings: nearness (0..1), heights, widths, and the share of lit windows."""

    near: float
    low: float
    high: float
    wide: tuple[float, float]
    lit: float


ROWS = (
    Row(0.0, 0.1, 0.24, (0.03, 0.07), 0.12),
    Row(0.45, 0.1, 0.36, (0.035, 0.075), 0.3),
    Row(1.0, 0.05, 0.24, (0.045, 0.1), 0.42),
)


def skyline(sheet: Sheet, sky: Stops = DUSK, level: float = 0.7) -> Image.Image:
    """Paint towers at dusk and their reflection in the water."""
    picture = gradient(sheet.size, sky)
    clouds = levels(fractal(sheet.rng, sheet.size, (2, 10), 7), 0.5, 0.95)
    fade = ramp(sheet.size, lambda y: max(0.0, 1 - abs(y - 0.4) * 3))
    lay(picture, "#f0a48c", ImageChops.multiply(clouds, fade), 0.5)
    lamps = Image.new("RGB", sheet.size)
    for row in ROWS:
        _buildings(sheet, picture, lamps, row, level, sky)
    haze = ramp(sheet.size, lambda y: max(0.0, 1 - abs(y - level) * 6) if y < level else 0)
    picture = light(picture, "#ff9d6a", haze, 0.22)
    shine = curve(soften(lamps, sheet.unit * 0.006), lambda v: v * 1.6)
    picture = ImageChops.screen(ImageChops.screen(picture, lamps), shine)
    return _harbour(sheet, picture, level)


def _buildings(sheet: Sheet, picture: Image.Image, lamps: Image.Image, row: Row, level: float, sky: Stops) -> None:
    paint = mix(along(sky, 0.6), colour("#0c1226"), 0.5 + 0.45 * row.near)
    pen, windows, x = ImageDraw.Draw(picture), ImageDraw.Draw(lamps), -0.02
    while x < 1.02:
        wide = sheet.rng.uniform(*row.wide)
        hill = 1 - abs(x + wide / 2 - 0.55) * 1.1
        tall = row.low + (row.high - row.low) * hill * sheet.rng.random() ** 0.9
        box = (x * sheet.width, (level - tall) * sheet.height, (x + wide) * sheet.width, level * sheet.height)
        tower(sheet.rng, pen, windows, box, (paint, row), sheet.unit)
        x += wide * sheet.rng.uniform(0.8, 1.25)


def tower(
    rng: Random,
    pen: ImageDraw.ImageDraw,
    windows: ImageDraw.ImageDraw,
    box: tuple[float, float, float, float],
    look: tuple[Colour, Row],
    unit: float,
) -> None:
    """Draw one building: a body, perhaps a stepped top and a mast, and its windows."""
    left, top, right, _ = box
    paint, row = look
    pen.rectangle(box, fill=mix(paint, (0, 0, 0), rng.uniform(0, 0.25)))
    windows.rectangle(box, fill=(0, 0, 0))
    if rng.random() < 0.4:
        inset = (right - left) * rng.uniform(0.15, 0.3)
        step = unit * rng.uniform(0.01, 0.04)
        pen.rectangle((left + inset, top - step, right - inset, top + 1), fill=paint)
        windows.rectangle((left + inset, top - step, right - inset, top + 1), fill=(0, 0, 0))
        if rng.random() < 0.5:
            middle = (left + right) / 2
            pen.line(
                (middle, top - step, middle, top - step - unit * 0.05), fill=paint, width=max(1, round(unit * 0.0015))
            )
    _windows(rng, windows, box, row, unit)


def _windows(
    rng: Random, pen: ImageDraw.ImageDraw, box: tuple[float, float, float, float], row: Row, unit: float
) -> None:
    left, top, right, bottom = box
    across, down = unit * (0.0045 + 0.0035 * row.near), unit * (0.007 + 0.004 * row.near)
    busy = row.lit * rng.uniform(0.3, 1.5)
    y = top + down
    while y < bottom - down:
        floor = busy * rng.choice((0.3, 1, 1, 1.8))
        x = left + across
        while x < right - across * 1.2:
            if rng.random() < floor:
                tone = mix((0, 0, 0), colour(rng.choice(WINDOWS)), rng.uniform(0.35, 1) * (0.55 + 0.45 * row.near))
                pen.rectangle((x, y, x + across * 0.55, y + down * 0.5), fill=tone)
            x += across
        y += down


def _harbour(sheet: Sheet, picture: Image.Image, level: float) -> Image.Image:
    shore = round(sheet.height * level)
    depth = sheet.height - shore
    mirror = picture.crop((0, shore - depth, sheet.width, shore)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    mirror = rippled(sheet, mirror, 0.03)
    water = smear(mirror, sheet.unit * 0.003, sheet.unit * 0.03)
    bright = curve(
        smear(curve(mirror, lambda v: max(0.0, v - 0.55) * 2), sheet.unit * 0.003, sheet.unit * 0.05), lambda v: v * 2.4
    )
    water = ImageChops.screen(curve(water, lambda v: v * 0.75), bright)
    ripple = fractal(sheet.rng, (sheet.width, depth), (14, 130), 4, 0.6)
    water = ImageChops.soft_light(water, Image.merge("RGB", [curve(ripple, lambda v: 0.15 + v * 0.7)] * 3))
    picture.paste(water, (0, shore))
    ImageDraw.Draw(picture).rectangle((0, shore - sheet.unit * 0.004, sheet.width, shore), fill=colour("#0a0d18"))
    return picture
