"""Hot-air balloons over morning mist."""

from __future__ import annotations

import math

from PIL import Image, ImageChops, ImageDraw

from demo.brushes import Sheet, bell, colour, curve, ease, mix, soften
from demo.scenes.hills import Mood, misty_ridges

Balloon = tuple[float, float, float, tuple[str, ...]]

FLEET: tuple[Balloon, ...] = (
    (0.3, 0.3, 0.25, ("#c8372f", "#f4e6cf", "#c8372f", "#e9a13b")),
    (0.66, 0.2, 0.15, ("#1f4e79", "#f3c14b", "#1f4e79", "#f7efe0")),
    (0.52, 0.42, 0.085, ("#e07a3f", "#f6d9a8")),
    (0.8, 0.4, 0.07, ("#7a2f5c", "#f0b7a4")),
    (0.12, 0.47, 0.055, ("#2f7f79", "#f2e3c4")),
    (0.91, 0.27, 0.045, ("#b23a48", "#fbe3c0")),
    (0.43, 0.16, 0.04, ("#d9892b", "#f7e8cc")),
)


def balloons(sheet: Sheet, mood: Mood, fleet: tuple[Balloon, ...] = FLEET) -> Image.Image:
    """Paint hot-air balloons that drift over the ridges."""
    picture = misty_ridges(sheet, mood)
    haze = colour(mood.mist)
    for x, y, size, stripes in sorted(fleet, key=lambda balloon: balloon[2]):
        tall = round(sheet.unit * size * 1.35)
        body, mask = envelope(tall, stripes)
        veil = Image.new("RGB", body.size, haze)
        body = Image.blend(body, veil, 0.55 * (1 - min(1.0, size / 0.2)))
        picture.paste(body, (round(sheet.width * x - body.width / 2), round(sheet.height * y - body.height / 2)), mask)
    return picture


def envelope(tall: int, stripes: tuple[str, ...]) -> tuple[Image.Image, Image.Image]:
    """Draw one balloon `tall` pixels high, lit from the right; returns image and mask."""
    zoom = 2
    rows, wide = round(tall * 0.8) * zoom, round(tall * 0.82) * zoom
    body, mask = Image.new("RGB", (wide, tall * zoom)), Image.new("L", (wide, tall * zoom))
    strip, full = _gores(stripes), Image.new("L", (1, 1), 255)
    for row in range(rows):
        half = max(1.0, wide * 0.49 * _width(row / rows))
        size = (max(2, round(half * 2)), 1)
        tone = 1.08 - 0.42 * ease(row / rows * 1.1 - 0.2)
        line = curve(strip, lambda v, tone=tone: v * tone).resize(size, Image.Resampling.BILINEAR)  # type: ignore[misc]
        body.paste(line, (round(wide / 2 - half), row))
        mask.paste(full.resize(size), (round(wide / 2 - half), row))
    _basket(body, mask, rows)
    return body.reduce(zoom), mask.reduce(zoom)


def _width(t: float) -> float:
    if t < 0.42:
        return math.sqrt(max(0.0, 1 - ((0.42 - t) / 0.42) ** 2))
    share = (t - 0.42) / 0.58
    return 1 - 0.8 * math.pow(share, 1.7)


def _gores(stripes: tuple[str, ...]) -> Image.Image:
    gores, strip = 24, Image.new("RGB", (512, 1))
    for x in range(512):
        place = math.asin((x - 255.5) / 256) / math.pi + 0.5
        paint = colour(stripes[int(place * gores) % len(stripes)])
        seam = abs(place * gores % 1 - 0.5) * 2
        tone = 0.5 + 0.62 * bell(place, 0.68, 0.36) - 0.16 * seam**6
        strip.putpixel((x, 0), mix((30, 14, 30), paint, max(0.0, min(1.0, tone))))
    return strip


def _basket(body: Image.Image, mask: Image.Image, rows: int) -> None:
    middle, wide = body.width / 2, body.width
    top, bottom = rows * 1.115, rows * 1.2
    pens = ((ImageDraw.Draw(body), (70, 44, 28)), (ImageDraw.Draw(mask), 255))
    for pen, paint in pens:
        pen.rounded_rectangle((middle - wide * 0.055, top, middle + wide * 0.055, bottom), wide * 0.015, fill=paint)
        for side in (-1, 1):
            ends = (middle + side * wide * 0.09, rows - 2, middle + side * wide * 0.05, top)
            pen.line(ends, fill=paint, width=max(1, round(wide * 0.006)))


def bloom(picture: Image.Image, radius: float, strength: float) -> Image.Image:
    """Add a glow around the bright parts of a picture."""
    bright = curve(soften(curve(picture, lambda v: max(0.0, v - 0.6) * 2.5), radius), lambda v: v * strength)
    return ImageChops.screen(picture, bright)
