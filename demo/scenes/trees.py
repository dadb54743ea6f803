"""Conifers: single trees, a wood on a ridge, and a forest in fog."""

from __future__ import annotations

from random import Random

from PIL import Image

from demo.brushes import Point, Sheet, Stops, along, glow, gradient, lay, light, mix, ramp, silhouette, under
from demo.noise import fractal, profile


def conifer(rng: Random, foot: Point, tall: float, lean: float = 0.0) -> list[Point]:
    """The outline of a spruce, with tiers of drooping branches."""
    left: list[Point] = []
    right: list[Point] = []
    tiers = 25
    for tier in range(tiers):
        down = (tier + 0.6) / tiers
        y = foot[1] - tall * (1 - down * 0.95)
        for side, points in ((-1, left), (1, right)):
            reach = tall * 0.19 * down**0.85 * rng.triangular(0.5, 1.2, 0.95)
            middle = foot[0] + lean * (1 - down)
            points.append((middle + side * reach, y + tall * rng.uniform(0.012, 0.034)))
            points.append((middle + side * reach * 0.42, y + tall * 0.008))
    return [(foot[0] + lean, foot[1] - tall), *right, (foot[0], foot[1]), *reversed(left)]


def stand(sheet: Sheet, line: list[float], tall: float, count: int) -> list[list[Point]]:
    """The outlines of `count` conifers of mixed height along a ridge line."""
    rng = sheet.rng
    trees = []
    for _ in range(count):
        place = rng.random()
        foot = line[round(place * (len(line) - 1))] + tall * 0.12
        trees.append(conifer(rng, (place * sheet.width, foot), tall * rng.triangular(0.35, 1.15, 0.6)))
    return trees


def wood(picture: Image.Image, sheet: Sheet, level: float, paint: str, tall: float = 0.13, count: int = 110) -> None:
    """Paint a wooded ridge over the lower part of a picture."""
    line = [sheet.height * (level - 0.12 * (height - 0.5)) for height in profile(sheet.rng, 400, 2, 0.4)]
    shapes = [under(line, sheet.size), *stand(sheet, line, sheet.unit * tall, count)]
    lay(picture, paint, silhouette(sheet.size, shapes))


FOG_GREEN: Stops = ((0, "#c3cfcb"), (0.3, "#94aaa7"), (0.65, "#3f5c5c"), (1, "#0a1a1c"))
FOG_GOLD: Stops = ((0, "#f0cfa0"), (0.3, "#c99a6b"), (0.65, "#6b4a38"), (1, "#17100d"))


def foggy_forest(sheet: Sheet, tones: Stops, air: str) -> Image.Image:
    """Paint a hillside with rows of spruces in fog."""
    picture = gradient(sheet.size, ((0, along_text(tones, 0.12)), (0.45, air), (1, air)))
    centre = (sheet.width * 0.6, sheet.height * 0.2)
    picture = light(picture, air, glow(sheet.size, centre, (sheet.unit, sheet.unit * 0.8)), 0.6)
    rows = 7
    for row in range(rows):
        _row(picture, sheet, tones, air, row / (rows - 1))
    return picture


def _row(picture: Image.Image, sheet: Sheet, tones: Stops, air: str, near: float) -> None:
    slope = sheet.rng.uniform(-0.22, 0.22)
    base = 0.34 + 0.7 * near**1.1
    bumps = profile(sheet.rng, 300, 2, 0.4)
    line = [sheet.height * (base + slope * (i / 300 - 0.5) - 0.12 * (h - 0.5)) for i, h in enumerate(bumps)]
    tall = sheet.unit * (0.13 + 0.36 * near**1.4)
    trees = stand(sheet, line, tall, round(150 - 105 * near))
    lay(picture, along(tones, near), silhouette(sheet.size, [under(line, sheet.size), *trees]))
    if near < 1:
        lay(picture, air, _fog(sheet, base - 0.07, base + 0.22), 0.85 - 0.25 * near)


def _fog(sheet: Sheet, start: float, end: float) -> Image.Image:
    rise = ramp(sheet.size, lambda y: min(1.0, max(0.0, (y - start) / (end - start))))
    cloud = fractal(sheet.rng, sheet.size, (3, 5), 6)
    return Image.composite(Image.blend(cloud, rise, 0.55), Image.new("L", sheet.size), rise)


def along_text(stops: Stops, place: float) -> str:
    """The colour at a position (0..1) of a gradient, as '#rrggbb'."""
    return "#{:02x}{:02x}{:02x}".format(*mix(along(stops, place), along(stops, place), 0))
