"""Out-of-focus light: a street behind a wet window, and flowers in the evening sun."""

from __future__ import annotations

import math
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from demo.brushes import Point, Sheet, Stops, colour, curve, glow, gradient, light, mix, soften
from demo.noise import fractal

CITY_LIGHTS = ("#ff9a2e", "#ff6a2a", "#ffc46a", "#ff3d3d", "#ff9a2e", "#ffb14a", "#2fb8c9", "#3f7fff")


def disc(radius: int) -> Image.Image:
    """A mask of one out-of-focus light: a flat disc with a slightly brighter rim."""
    side = radius * 2 + 6
    mask = Image.new("L", (side * 2, side * 2))
    pen = ImageDraw.Draw(mask)
    edge = (6, 6, side * 2 - 7, side * 2 - 7)
    pen.ellipse(edge, fill=150, outline=225, width=max(1, radius // 7))
    return mask.reduce(2).filter(ImageFilter.GaussianBlur(max(0.8, radius * 0.03)))


def spots(
    sheet: Sheet, count: int, sizes: tuple[float, float], band: tuple[float, float], hues: tuple[str, ...]
) -> Image.Image:
    """Scatter spots of light over a band of the sheet (0 is the top)."""
    layer = Image.new("RGB", sheet.size)
    rng = sheet.rng
    for _ in range(count):
        radius = max(2, round(sheet.unit * rng.uniform(*sizes)))
        spot, power = disc(radius), rng.uniform(0.25, 0.95)
        x = round(rng.random() * sheet.width) - radius
        y = round(sheet.height * rng.triangular(*band)) - radius
        tint = Image.new("RGB", spot.size)
        tint.paste(mix((0, 0, 0), colour(rng.choice(hues)), power), (0, 0, *spot.size), spot)
        box = (x, y, x + spot.width, y + spot.height)
        layer.paste(ImageChops.screen(layer.crop(box), tint), (x, y))
    return layer


def rain_window(sheet: Sheet, sky: Stops, hues: tuple[str, ...] = CITY_LIGHTS) -> Image.Image:
    """Paint a lit street through a window covered with raindrops."""
    street = gradient(sheet.size, sky)
    street = ImageChops.screen(street, spots(sheet, 60, (0.018, 0.045), (0.15, 0.9), hues))
    street = ImageChops.screen(street, spots(sheet, 14, (0.05, 0.09), (0.1, 0.95), hues))
    veil = fractal(sheet.rng, sheet.size, (3, 3), 5)
    picture = light(soften(street, sheet.unit * 0.008), "#8fa6c4", veil, 0.1)
    scene = ImageChops.screen(street, street).transpose(Image.Transpose.ROTATE_180)
    scene.thumbnail((240, 240))
    for radius in _drop_sizes(sheet):
        _drop(sheet, picture, scene, radius)
    return picture


def _drop_sizes(sheet: Sheet) -> list[float]:
    small = [sheet.unit * sheet.rng.uniform(0.0016, 0.005) for _ in range(1500)]
    large = [sheet.unit * min(0.034, 0.0055 * sheet.rng.paretovariate(1.7)) for _ in range(330)]
    return small + sorted(large)


def _drop(sheet: Sheet, picture: Image.Image, scene: Image.Image, radius: float) -> None:
    rng = sheet.rng
    wide, tall = max(2, round(radius * 2)), max(2, round(radius * 2 * rng.uniform(1.0, 1.3)))
    x, y = round(rng.random() * sheet.width), round(rng.random() * sheet.height)
    side = min(scene.size) * 0.55
    left, top = rng.uniform(0, scene.width - side), rng.uniform(0, scene.height - side)
    lens = scene.resize((wide, tall), Image.Resampling.BILINEAR, box=(left, top, left + side, top + side))
    lens = ImageChops.multiply(lens, DROP_SHADE.resize((wide, tall), Image.Resampling.BILINEAR))
    lens = ImageChops.screen(lens, DROP_GLEAM.resize((wide, tall), Image.Resampling.BILINEAR))
    picture.paste(lens, (x, y), DROP_MASK.resize((wide, tall), Image.Resampling.BOX))


def _blob(side: int, seed: int) -> Image.Image:
    rng, mask = Random(seed), Image.new("L", (side * 2, side * 2))
    lumps = [(rng.uniform(0, 7), rng.uniform(0.015, 0.04)) for _ in range(3)]
    edge: list[Point] = []
    for step in range(120):
        angle = step / 60 * math.pi
        reach = 0.9 + sum(size * math.sin(angle * (k + 2) + turn) for k, (turn, size) in enumerate(lumps))
        edge.append((side * (1 + reach * math.cos(angle)), side * (1 + reach * math.sin(angle))))
    ImageDraw.Draw(mask).polygon(edge, fill=255)
    return mask.reduce(2)


def _rgb(mask: Image.Image) -> Image.Image:
    return Image.merge("RGB", (mask, mask, mask))


DROP_MASK = _blob(240, 4)
DROP_SHADE = _rgb(curve(glow((96, 96), (48, 58), (62, 62), 0.7), lambda v: 0.12 + 0.95 * v))
DROP_GLEAM = _rgb(curve(glow((96, 96), (36, 26), (15, 11), 1.0), lambda v: v * 0.85))


def meadow(sheet: Sheet, hues: tuple[str, ...], back: Stops) -> Image.Image:
    """Paint flowers in the evening sun, a few of them sharp."""
    picture = gradient(sheet.size, back)
    picture = light(
        picture, "#ffe7a6", glow(sheet.size, (sheet.width * 0.7, sheet.height * 0.12), (sheet.unit,) * 2), 0.7
    )
    picture = ImageChops.screen(
        picture,
        curve(spots(sheet, 70, (0.015, 0.05), (0.0, 0.55), ("#ffeaa8", "#f7d774", "#cfe08a")), lambda v: v * 0.5),
    )
    for depth in range(6):
        picture = _bed(sheet, picture, hues, depth / 5)
    return picture


def _bed(sheet: Sheet, picture: Image.Image, hues: tuple[str, ...], near: float) -> Image.Image:
    layer = Image.new("RGBA", sheet.size, (*colour("#3c5a1e"), 0))
    blur = sheet.unit * 0.02 * abs(near - 0.6) ** 1.2 * 2.2
    size = sheet.unit * (0.012 + 0.075 * near**1.5)
    _grass(sheet, layer, near)
    for _ in range(round(120 * (1 - near) ** 1.5 + 9)):
        flower(sheet, layer, _spot(sheet, near), size * sheet.rng.uniform(0.75, 1.2), sheet.rng.choice(hues))
    soft = layer.filter(ImageFilter.GaussianBlur(blur)) if blur > 0.6 else layer
    picture.paste(soft.convert("RGB"), (0, 0), soft.getchannel("A"))
    return picture


def _spot(sheet: Sheet, near: float) -> Point:
    y = 0.5 + 0.38 * near + sheet.rng.uniform(-0.09, 0.08) * (0.6 + near)
    return sheet.rng.random() * sheet.width, sheet.height * y


def _grass(sheet: Sheet, layer: Image.Image, near: float) -> None:
    pen, rng = ImageDraw.Draw(layer), sheet.rng
    base = sheet.height * (0.62 + 0.5 * near)
    for _ in range(round(900 - 650 * near)):
        x, tall = rng.random() * sheet.width, sheet.unit * (0.05 + 0.28 * near) * rng.uniform(0.4, 1.1)
        lean, wide = rng.gauss(0, 0.22) * tall, sheet.unit * (0.001 + 0.004 * near)
        paint = mix(colour("#1f3a12"), colour("#b7b94a"), rng.random() ** 1.6)
        bend = (x + lean * 0.35, base - tall * 0.6)
        pen.polygon(
            [
                (x - wide, base),
                (bend[0] - wide * 0.7, bend[1]),
                (x + lean, base - tall),
                (bend[0] + wide * 0.7, bend[1]),
                (x + wide, base),
            ],
            (*paint, 255),
        )


def flower(sheet: Sheet, layer: Image.Image, place: Point, size: float, hue: str) -> None:
    """Draw a cosmos on its stem, seen a little from the side."""
    rng, zoom = sheet.rng, 2
    side = max(8, round(size * 2.4))
    head = Image.new("RGBA", (side * zoom, side * zoom), (*colour(hue), 0))
    turn, petals = rng.uniform(0, 6), 8
    for petal in range(petals):
        _petal(head, turn + petal / petals * math.tau, mix(colour(hue), (255, 255, 255), rng.uniform(0, 0.3)))
    middle, dot = side * zoom / 2, side * zoom * 0.085
    ImageDraw.Draw(head).ellipse((middle - dot, middle - dot, middle + dot, middle + dot), (*colour("#e5b32c"), 255))
    head = head.resize((side, max(4, round(side * rng.uniform(0.45, 0.9)))), Image.Resampling.BOX)
    pen = ImageDraw.Draw(layer)
    pen.line(
        [place, (place[0] + rng.gauss(0, size * 0.6), place[1] + size * 9)],
        (*colour("#3f5c22"), 255),
        max(1, round(size * 0.09)),
    )
    tilted = head.rotate(rng.uniform(-25, 25), Image.Resampling.BICUBIC, expand=True)
    layer.alpha_composite(tilted, *_fitted(layer, tilted, place))


def _fitted(layer: Image.Image, part: Image.Image, place: Point) -> tuple[tuple[int, int], tuple[int, int]]:
    x, y = round(place[0] - part.width / 2), round(place[1] - part.height / 2)
    return (max(0, x), max(0, y)), (max(0, -x), max(0, -y))


def _petal(head: Image.Image, angle: float, paint: tuple[int, int, int]) -> None:
    middle, reach = head.width / 2, head.width * 0.47
    pen = ImageDraw.Draw(head)
    for share in (1.0, 0.82, 0.6):
        edge = []
        for step in range(25):
            t = step / 24
            side, out = (1 if t < 0.5 else -1), 1 - abs(2 * t - 1)
            wing = side * 0.36 * math.sin(math.pi * out**1.5) ** 0.7 * out**0.1 if 0 < out < 1 else 0.0
            length = reach * share * (0.15 + 0.85 * out)
            edge.append((middle + length * math.cos(angle + wing), middle + length * math.sin(angle + wing)))
        pen.polygon(edge, (*mix(mix(paint, (90, 20, 60), 0.25), paint, share), 255))
