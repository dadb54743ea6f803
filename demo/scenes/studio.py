"""Still lifes: pottery in window light, and walls with shadows."""

from __future__ import annotations

import math
from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw

from demo.brushes import (
    Point,
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
    light,
    mix,
    ramp,
    silhouette,
    smear,
    soften,
)
from demo.noise import fractal

Outline = Callable[[float], float]


def bottle(t: float) -> float:
    """Half the width of a bottle at a height from neck (0) to foot (1)."""
    return 0.11 + 0.02 * bell(t, 0.0, 0.05) + 0.3 * ease((t - 0.3) / 0.3) - 0.07 * ease((t - 0.8) / 0.22)


def bowl(t: float) -> float:
    """Half the width of a bowl at a height from rim (0) to foot (1)."""
    return 0.93 * math.sqrt(1 - math.pow(t * 0.93, 2.4)) + 0.02


def vase(t: float) -> float:
    """Half the width of a round vase at a height from neck (0) to foot (1)."""
    return 0.2 + 0.36 * math.pow(math.sin(math.pi * (0.12 + t * 0.8)), 1.3) - 0.12 * bell(t, 0.1, 0.09)


def still_life(sheet: Sheet, wall: Stops, clays: tuple[str, str, str]) -> Image.Image:
    """Paint three pots on a table in the light of a window."""
    picture = _room(sheet, wall)
    table = 0.8
    for x, y, tall, shape, clay in (
        (0.36, table, 0.66, bottle, clays[0]),
        (0.64, table + 0.05, 0.44, vase, clays[1]),
        (0.25, table + 0.12, 0.17, bowl, clays[2]),
    ):
        foot = (sheet.width / 2 + (x - 0.5) * sheet.unit, sheet.height * y)
        _cast(sheet, picture, foot, sheet.unit * tall)
        pot(sheet, picture, foot, sheet.unit * tall, shape, clay)
    return picture


def _room(sheet: Sheet, wall: Stops) -> Image.Image:
    picture = gradient(sheet.size, wall)
    beams = Image.new("L", sheet.size)
    w, h = sheet.size
    panes = [_pane(sheet, column, row) for column in range(2) for row in range(3)]
    beams.paste(soften(silhouette(sheet.size, panes), sheet.unit * 0.009))
    plaster = fractal(sheet.rng, sheet.size, (12, 12), 7, 0.7)
    picture = light(
        picture, "#ffe2b0", ImageChops.multiply(beams, ramp((w, h), lambda y: 1 - ease((y - 0.66) * 18))), 0.42
    )
    picture = ImageChops.soft_light(picture, Image.merge("RGB", [curve(plaster, lambda v: 0.42 + v * 0.16)] * 3))
    table = gradient(sheet.size, ((0, "#000000"), (0.7, "#8a6a4e"), (0.74, "#a07c5a"), (1, "#5a4130")))
    wood = smear(fractal(sheet.rng, sheet.size, (3, 160), 4, 0.6), sheet.unit * 0.03, 0.6)
    table = ImageChops.soft_light(table, Image.merge("RGB", [curve(wood, lambda v: 0.3 + v * 0.4)] * 3))
    edge = h * 0.7
    lay(picture, table, silhouette(sheet.size, [[(-2, edge), (w + 2, edge), (w + 2, h + 2), (-2, h + 2)]]))
    sweep = glow(sheet.size, (w * 0.2, h * 0.8), (sheet.unit * 0.9, sheet.unit * 0.3))
    return light(picture, "#ffdca8", ImageChops.multiply(sweep, ramp((w, h), lambda y: ease((y - 0.69) * 60))), 0.3)


def _pane(sheet: Sheet, column: int, row: int) -> list[Point]:
    w, h, u = sheet.width, sheet.height, sheet.unit
    left, top = w * 0.5 + u * (0.02 + 0.2 * column), h * 0.08 + u * 0.19 * row
    wide, tall, lean = u * 0.18, u * 0.17, u * 0.07
    drop = u * 0.035 * column
    return [
        (left + lean * row * 0.4, top + drop),
        (left + wide + lean * row * 0.4, top + drop + u * 0.032),
        (left + wide + lean * (row + 1) * 0.4, top + tall + drop + u * 0.032),
        (left + lean * (row + 1) * 0.4, top + tall + drop),
    ]


def _cast(sheet: Sheet, picture: Image.Image, foot: Point, tall: float) -> None:
    x, y = foot
    shape = [
        (x - tall * 0.12, y),
        (x + tall * 0.15, y - tall * 0.05),
        (x + tall * 1.3, y + tall * 0.02),
        (x + tall * 1.25, y + tall * 0.16),
        (x + tall * 0.1, y + tall * 0.05),
    ]
    lay(picture, "#1d120c", soften(silhouette(sheet.size, [shape]), sheet.unit * 0.014), 0.55)
    contact = glow(sheet.size, (x, y), (tall * 0.5, tall * 0.09), 1.0)
    lay(picture, "#140c08", contact, 0.6)


def pot(sheet: Sheet, picture: Image.Image, foot: Point, tall: float, shape: Outline, clay: str) -> None:
    """Draw one pot: each row is the same strip of light, as wide as the outline."""
    rows, zoom = round(tall), 2
    widest = round(tall * 1.1)
    body = Image.new("RGB", (widest * zoom, rows * zoom))
    mask = Image.new("L", body.size)
    light_strip, full = _turned(clay), Image.new("L", (1, 1), 255)
    for row in range(rows * zoom):
        half = max(1.0, shape(row / (rows * zoom)) * tall * 0.5 * zoom)
        left, wide = round(widest * zoom / 2 - half), max(2, round(half * 2))
        body.paste(light_strip.resize((wide, 1), Image.Resampling.BILINEAR), (left, row))
        mask.paste(full.resize((wide, 1)), (left, row))
    _opening(mask, body, shape, tall, clay)
    body, mask = body.reduce(zoom), mask.reduce(zoom)
    speckle = fractal(sheet.rng, body.size, (40, 40), 5, 0.8)
    body = ImageChops.soft_light(body, Image.merge("RGB", [curve(speckle, lambda v: 0.36 + v * 0.28)] * 3))
    picture.paste(body, (round(foot[0] - widest / 2), round(foot[1] - rows)), mask)


def _turned(clay: str) -> Image.Image:
    strip = Image.new("RGB", (256, 1))
    for x in range(256):
        normal = (x - 127.5) / 128
        facing = -0.72 * normal + 0.6 * math.sqrt(1 - normal * normal)
        bounce = 0.1 * max(0.0, normal) ** 4
        tone = 0.13 + 0.95 * ease(facing * 0.75 + 0.18) + bounce
        shine = 0.22 * bell(normal, -0.42, 0.16)
        strip.putpixel((x, 0), tuple(min(255, round(part * tone + 255 * shine)) for part in colour(clay)))
    return strip


def _opening(mask: Image.Image, body: Image.Image, shape: Outline, tall: float, clay: str) -> None:
    half, middle = shape(0.0) * tall, mask.width / 2
    deep = half * 0.13
    box = (middle - half, 0, middle + half, deep * 2)
    ImageDraw.Draw(mask).rectangle((0, 0, mask.width, deep), fill=0)
    ImageDraw.Draw(mask).ellipse(box, fill=255)
    ImageDraw.Draw(body).ellipse(box, fill=mix(colour(clay), (255, 240, 220), 0.3))
    inner = (box[0] + deep * 0.5, deep * 0.3, box[2] - deep * 0.5, deep * 1.75)
    ImageDraw.Draw(body).ellipse(inner, fill=mix(colour(clay), (15, 8, 4), 0.75))


def arches(sheet: Sheet, tones: Stops, sky: Stops) -> Image.Image:
    """Paint a passage of arches, one behind the other, with the sky at its end."""
    picture = gradient(sheet.size, sky)
    count = 9
    for index in range(count):
        _arch(sheet, picture, index / (count - 1), tones)
    shine = glow(sheet.size, (sheet.width * 0.48, sheet.height * 0.55), (sheet.unit * 0.8, sheet.unit * 0.9), 1.4)
    picture = light(picture, tones[0][1], shine, 0.4)
    return plastered(sheet, picture, Image.new("L", sheet.size, 255), 0.12)


def _arch(sheet: Sheet, picture: Image.Image, near: float, tones: Stops) -> None:
    w, h, u = sheet.width, sheet.height, sheet.unit
    scale = 0.14 * (4.9**near)
    middle, floor = w * (0.5 - 0.02 * (1 - near)), h * (0.64 + 0.36 * (scale - 0.14) / 0.55)
    half, spring = u * scale * 0.62, floor - u * scale * 1.35
    outer = [(-2.0, -2.0), (w + 2.0, -2.0), (w + 2.0, h + 2.0), (-2.0, h + 2.0)]
    curve_points = [
        (middle + half * math.cos(a / 40 * math.pi), spring - half * math.sin(a / 40 * math.pi)) for a in range(41)
    ]
    opening = [*curve_points, (middle - half, floor), (middle + half, floor)]
    wall = ImageChops.subtract(silhouette(sheet.size, [outer]), silhouette(sheet.size, [opening]))
    reveal = [(x + half * 0.16, y + half * 0.03) for x, y in opening]
    lay(picture, along(tones, near), wall)
    shade = ImageChops.subtract(silhouette(sheet.size, [opening]), silhouette(sheet.size, [reveal]))
    lay(picture, mix(along(tones, near), (20, 10, 30), 0.5), shade)


def sunlit_wall(sheet: Sheet, wall: str, sky: Stops, shade: str) -> Image.Image:
    """Paint a house corner against the sky, with one shadow across it."""
    picture = gradient(sheet.size, sky)
    w, h, u = sheet.width, sheet.height, sheet.unit
    front = [(-2.0, h * 0.36), (w * 0.6, h * 0.16), (w * 0.6, h + 2), (-2.0, h + 2)]
    flank = [(w * 0.6, h * 0.16), (w + 2, h * 0.46), (w + 2, h + 2), (w * 0.6, h + 2)]
    lay(picture, wall, silhouette(sheet.size, [front]))
    lay(picture, gradient(sheet.size, ((0, shade), (1, wall))), silhouette(sheet.size, [flank]))
    lay(picture, shade, silhouette(sheet.size, [flank]), 0.72)
    _window(sheet, picture, shade)
    fall = [
        (-2.0, h * 0.72),
        (w * 0.42, h * 0.23),
        (w * 0.6, h * 0.16),
        (w * 0.6, h * 0.4),
        (w * 0.12, h + 2),
        (-2.0, h + 2),
    ]
    cut = ImageChops.multiply(soften(silhouette(sheet.size, [fall]), u * 0.003), silhouette(sheet.size, [front]))
    lay(picture, shade, cut, 0.75)
    return plastered(sheet, picture, silhouette(sheet.size, [front, flank]))


def _window(sheet: Sheet, picture: Image.Image, shade: str) -> None:
    w, h = sheet.size
    frame = [(w * 0.74, h * 0.5), (w * 0.84, h * 0.545), (w * 0.84, h * 0.78), (w * 0.74, h * 0.76)]
    inner = [(w * 0.755, h * 0.507), (w * 0.84, h * 0.545), (w * 0.84, h * 0.765), (w * 0.755, h * 0.748)]
    lay(picture, mix(colour(shade), (255, 255, 255), 0.25), silhouette(sheet.size, [frame]))
    lay(picture, "#14283f", silhouette(sheet.size, [inner]))


def plastered(sheet: Sheet, picture: Image.Image, where: Image.Image, rough: float = 0.24) -> Image.Image:
    """The picture with a plaster texture where the mask is white."""
    plaster = fractal(sheet.rng, sheet.size, (16, 16), 8, 0.75)
    tone = curve(plaster, lambda v: 0.5 + (v - 0.5) * rough)
    lay(picture, ImageChops.soft_light(picture, Image.merge("RGB", (tone, tone, tone))), where)
    return picture
