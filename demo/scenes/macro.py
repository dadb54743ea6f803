"""Close-ups: a leaf after rain, and threads of light."""

from __future__ import annotations

import math
from random import Random

from PIL import Image, ImageChops, ImageDraw

from demo.brushes import (
    Point,
    Sheet,
    Stops,
    bell,
    colour,
    curve,
    glow,
    gradient,
    lay,
    levels,
    light,
    mix,
    silhouette,
    soften,
)
from demo.noise import fractal
from demo.scenes.bokeh import DROP_MASK

GREEN: Stops = ((0, "#b8d84a"), (0.35, "#6fae2e"), (0.7, "#2f7a2a"), (1, "#0f3a1c"))
AUTUMN: Stops = ((0, "#ffd24a"), (0.35, "#f2912c"), (0.7, "#c2401f"), (1, "#4a1414"))


def leaf(sheet: Sheet, tones: Stops, drops: int = 70) -> Image.Image:
    """Paint a backlit leaf with veins and raindrops."""
    picture = gradient(sheet.size, tones)
    glowing = glow(sheet.size, (sheet.width * 0.35, sheet.height * 0.25), (sheet.unit * 1.1,) * 2)
    picture = light(picture, tones[0][1], glowing, 0.55)
    cells = fractal(sheet.rng, sheet.size, (70, 70), 3, 0.6, ridged=True)
    mottle = fractal(sheet.rng, sheet.size, (4, 4), 6)
    for texture, depth in ((mottle, 0.4), (levels(cells, 0.2, 0.9), 0.3)):
        tone = curve(texture, lambda v, depth=depth: 0.5 + (v - 0.5) * depth)  # type: ignore[misc]
        picture = ImageChops.soft_light(picture, Image.merge("RGB", (tone, tone, tone)))
    picture = _veins(sheet, picture, tones)
    for _ in range(drops):
        radius = sheet.unit * min(0.06, 0.011 * sheet.rng.paretovariate(1.6))
        place = sheet.rng.random() * sheet.width, sheet.rng.random() * sheet.height
        picture = _bead(picture, place, radius)
    return picture


def _veins(sheet: Sheet, picture: Image.Image, tones: Stops) -> Image.Image:
    shapes: list[list[Point]] = []
    w, h = sheet.size
    start, end = (-0.05 * w, h * 0.93), (w * 1.05, h * 0.12)
    shapes.append(_vein(sheet, start, end, 0.03, 0.05))
    for index in range(1, 13):
        t = index / 12.5
        root = (start[0] + (end[0] - start[0]) * t, start[1] + (end[1] - start[1]) * t)
        for side in (-1, 1):
            angle = math.atan2(end[1] - start[1], end[0] - start[0]) + side * 0.95
            reach = sheet.unit * 0.95
            tip = (root[0] + reach * math.cos(angle), root[1] + reach * math.sin(angle))
            shapes.append(_vein(sheet, root, tip, 0.009, 0.16 * -side))
    mask = silhouette(sheet.size, shapes)
    raised = ImageChops.offset(mask, round(sheet.unit * 0.004), round(sheet.unit * 0.006))
    lay(picture, tones[-1][1], soften(raised, sheet.unit * 0.006), 0.6)
    lay(picture, mix(colour(tones[0][1]), (255, 255, 240), 0.25), soften(mask, sheet.unit * 0.0016), 0.8)
    return picture


def _vein(sheet: Sheet, start: Point, end: Point, thick: float, bend: float) -> list[Point]:
    left, right = [], []
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    for step in range(31):
        t = step / 30
        bow = math.sin(t * math.pi * 0.5) * t * bend
        x, y = start[0] + dx * t - dy * bow, start[1] + dy * t + dx * bow
        half = sheet.unit * thick * (1 - 0.85 * t) / 2
        left.append((x - dy / length * half, y + dx / length * half))
        right.append((x + dy / length * half, y - dx / length * half))
    return left + right[::-1]


def _bead(picture: Image.Image, place: Point, radius: float) -> Image.Image:
    side = max(4, round(radius * 2))
    x, y = round(place[0] - radius), round(place[1] - radius)
    lens = _behind(picture, x - side // 4, y - side // 4, side * 3 // 2)
    lens = lens.transpose(Image.Transpose.ROTATE_180).resize((side, side), Image.Resampling.BICUBIC)
    offset = round(side * 0.16)
    picture.paste((8, 24, 10), (x + offset - side // 2, y + offset - side // 2), _shadow(side))
    lens = ImageChops.multiply(ImageChops.screen(lens, lens), SHADE.resize((side, side), Image.Resampling.BICUBIC))
    lens = ImageChops.screen(lens, GLEAM.resize((side, side), Image.Resampling.BICUBIC))
    picture.paste(lens, (x, y), BEAD.resize((side, side), Image.Resampling.BICUBIC))
    return picture


def _behind(picture: Image.Image, left: int, top: int, side: int) -> Image.Image:
    left = max(0, min(picture.width - side, left))
    top = max(0, min(picture.height - side, top))
    return picture.crop((left, top, left + side, top + side))


def _shadow(side: int) -> Image.Image:
    return curve(glow((side * 2, side * 2), (side, side), (side * 0.78, side * 0.78), 0.8), lambda v: v * 0.75)


def _grey(mask: Image.Image) -> Image.Image:
    return Image.merge("RGB", (mask, mask, mask))


BEAD = DROP_MASK
SHADE = _grey(curve(glow((96, 96), (58, 60), (66, 66), 0.6), lambda v: 0.3 + 0.75 * v))
GLEAM = _grey(ImageChops.lighter(
    levels(glow((96, 96), (32, 28), (13, 9), 1.0), 0.1, 0.5),
    curve(glow((96, 96), (62, 72), (30, 18), 1.0), lambda v: v * 0.35),
))  # fmt: skip


def silk(sheet: Sheet, hues: tuple[str, str, str], night: Stops) -> Image.Image:
    """Draw a veil of thousands of bright threads."""
    picture = gradient(sheet.size, night)
    for index, hue in enumerate(hues):
        threads = _threads(sheet, index)
        picture = light(picture, hue, soften(threads, sheet.unit * 0.02), 0.8)
        picture = light(picture, hue, threads, 1.0)
        picture = light(picture, "#ffffff", levels(threads, 0.55, 1.0), 0.6)
    return picture


def _threads(sheet: Sheet, index: int) -> Image.Image:
    zoom, count = 2, 320
    size = (sheet.width * zoom, sheet.height * zoom)
    total = Image.new("L", sheet.size)
    waves = [_wave(sheet.rng) for _ in range(4)]
    for batch in range(5):
        layer = Image.new("L", size)
        pen = ImageDraw.Draw(layer)
        for thread in range(batch, count, 5):
            share = thread / count
            power = round(190 * (0.25 + 0.75 * bell(share, 0.5, 0.3)))
            pen.line(_thread(size, waves, share, index), fill=power, width=zoom, joint="curve")
        total = ImageChops.add(total, curve(layer.reduce(zoom), lambda v: v * 0.5))
    return soften(total, sheet.unit * 0.0009)


def _wave(rng: Random) -> tuple[float, float, float, float]:
    return rng.uniform(0.5, 1.6), rng.uniform(0, 6.3), rng.uniform(0.06, 0.16), rng.uniform(0.8, 3.4)


def _thread(
    size: tuple[int, int], waves: list[tuple[float, float, float, float]], share: float, index: int
) -> list[Point]:
    points = []
    for step in range(121):
        t = step / 120
        y = 0.34 + 0.16 * index + (share - 0.5) * 0.3
        for pitch, turn, tall, twist in waves:
            y += tall * math.sin(math.tau * pitch * t + turn + twist * share)
        points.append((t * size[0], y * size[1]))
    return points
