"""Night: the Milky Way over a camp, northern lights over a fjord."""

from __future__ import annotations

import math

from PIL import Image, ImageChops, ImageDraw

from demo.brushes import (
    Point,
    Sheet,
    Stops,
    bell,
    curve,
    glow,
    gradient,
    lay,
    levels,
    light,
    ramp,
    silhouette,
    smear,
    soften,
    under,
)
from demo.noise import fractal, profile
from demo.scenes.trees import wood

NIGHT: Stops = ((0, "#050914"), (0.4, "#0e1b33"), (0.75, "#27405c"), (0.9, "#6b6a72"), (1, "#c08a5c"))
POLAR: Stops = ((0, "#030812"), (0.5, "#08182a"), (1, "#12303c"))


def milky_way(sheet: Sheet, slant: float = 1.0) -> Image.Image:
    """Paint a starry night with the Milky Way above a glowing tent."""
    picture = gradient(sheet.size, NIGHT)
    band = _band(sheet, slant)
    dust = levels(fractal(sheet.rng, sheet.size, (4, 4), 8, 0.62), 0.3, 0.75)
    core = ImageChops.multiply(band, dust)
    picture = light(picture, "#7f86b8", band, 0.3)
    picture = light(picture, "#f3d2b6", ImageChops.multiply(core, curve(band, lambda v: v * v)), 0.75)
    picture = light(picture, "#9fb4ff", core, 0.3)
    lay(picture, "#0a0f1c", _lanes(sheet, band), 0.6)
    picture = ImageChops.screen(picture, stars(sheet, band, 5200))
    wood(picture, sheet, 0.95, "#04060b", 0.17, 60)
    return _tent(sheet, picture)


def _band(sheet: Sheet, slant: float) -> Image.Image:
    side = int(math.hypot(*sheet.size)) + 2
    strip = ramp((side, side), lambda y: bell(y, 0.5, 0.11)).rotate(-58 * slant, Image.Resampling.BILINEAR)
    left, top = (side - sheet.width) // 2, (side - sheet.height) // 2
    return strip.crop((left, top, left + sheet.width, top + sheet.height))


def _lanes(sheet: Sheet, band: Image.Image) -> Image.Image:
    veins = levels(fractal(sheet.rng, sheet.size, (5, 5), 7, 0.6, ridged=True), 0.52, 0.95)
    return ImageChops.multiply(veins, levels(band, 0.55, 1.0))


def stars(sheet: Sheet, dense: Image.Image, count: int) -> Image.Image:
    """Draw stars, more of them where the mask is bright."""
    rng, zoom = sheet.rng, 3
    layer = Image.new("RGB", (sheet.width * zoom, sheet.height * zoom))
    pen = ImageDraw.Draw(layer)
    for _ in range(count * 2):
        x, y = rng.random() * sheet.width, rng.random() * sheet.height
        if rng.random() < 0.25 + brightness(dense, x, y):
            radius = sheet.unit * min(0.0013, 0.00022 * rng.paretovariate(1.8))
            _star(pen, (x * zoom, y * zoom), radius * zoom, rng.uniform(0.3, 1), rng.random())
    small = layer.reduce(zoom)
    return ImageChops.screen(small, curve(soften(small, sheet.unit * 0.002), lambda v: v * 2))


def brightness(mask: Image.Image, x: float, y: float) -> float:
    """The value of a mask at a position; all 0..1."""
    value = mask.getpixel((int(x), int(y)))
    return value / 255 if isinstance(value, int | float) else 0.0


def _star(pen: ImageDraw.ImageDraw, place: Point, radius: float, bright: float, warmth: float) -> None:
    bright, radius = bright * min(1.0, radius), max(1.0, radius)
    fill = (round(255 * bright), round((225 + 20 * warmth) * bright), round((175 + 80 * warmth) * bright))
    x, y = place
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill)


def _tent(sheet: Sheet, picture: Image.Image) -> Image.Image:
    x, y, size = sheet.width * 0.33, sheet.height * 0.945, sheet.unit * 0.055
    halo = glow(sheet.size, (x, y), (size * 5, size * 2.6))
    picture = light(picture, "#ff9a3d", halo, 0.5)
    shape = [(x - size, y), (x - size * 0.15, y - size), (x + size * 0.1, y - size), (x + size * 1.15, y)]
    body = gradient(sheet.size, ((0, "#ffe9a8"), (0.9, "#ffd884"), (0.945, "#e8762c"), (1, "#e8762c")))
    lay(picture, body, silhouette(sheet.size, [shape]))
    lay(picture, "#8a3a12", silhouette(sheet.size, [[shape[2], (x + size * 0.32, y), (x + size * 0.4, y)]]), 0.8)
    return picture


def aurora(sheet: Sheet, hues: tuple[str, str] = ("#3dffa0", "#b04dff"), sway: float = 1.0) -> Image.Image:
    """Paint northern lights over snowy hills and water."""
    sky = gradient(sheet.size, POLAR)
    sky = ImageChops.screen(sky, stars(sheet, Image.new("L", sheet.size, 60), 1300))
    for base, tall, strength in ((0.36, 0.3, 0.7), (0.5, 0.46, 1.25), (0.44, 0.36, 0.75)):
        low, high = _curtain(sheet, base, tall, sway)
        sky = light(light(sky, hues[0], low, strength), hues[1], high, strength * 0.8)
        sky = light(sky, hues[0], soften(low, sheet.unit * 0.06), strength * 0.8)
    return _shore(sheet, sky)


def _curtain(sheet: Sheet, base: float, tall: float, sway: float) -> tuple[Image.Image, Image.Image]:
    count = 700
    size = (count, round(count * sheet.height / sheet.width))
    bends = profile(sheet.rng, count, 3, 0.35)
    rays = profile(sheet.rng, count, 30, 0.75)
    swell = profile(sheet.rng, count, 4, 0.3)
    masks = Image.new("L", size), Image.new("L", size)
    for x in range(count):
        foot = size[1] * (base + sway * 0.3 * (bends[x] - 0.5))
        power = (0.25 + 0.75 * rays[x]) * max(0.0, swell[x]) ** 1.3
        height = size[1] * tall * (0.6 + 0.7 * rays[x] * swell[x])
        _ray(masks[0], x, foot, height * 0.62, power)
        _ray(masks[1], x, foot - height * 0.3, height, power * 0.8)
    return tuple(smear(mask, 1.2, 3).resize(sheet.size, Image.Resampling.BICUBIC) for mask in masks)  # type: ignore[return-value]


LOWER_EDGE = 0.13


def _fall(place: float) -> float:
    edge = 1 - place
    rise = math.pow(min(1.0, edge / LOWER_EDGE), 1.5)
    return rise * math.exp(-max(0.0, edge - LOWER_EDGE) * 3.4) * min(1.0, place * 4)


def _ray(mask: Image.Image, x: int, foot: float, height: float, power: float) -> None:
    strip = RAY.resize((1, max(2, round(abs(height)))), Image.Resampling.BILINEAR)
    mask.paste(strip.point([round(value * power) for value in range(256)]), (x, round(foot - height)))


RAY = ramp((1, 256), _fall)


def _shore(sheet: Sheet, sky: Image.Image) -> Image.Image:
    level = 0.72
    for near in (0.0, 1.0):
        crest = profile(sheet.rng, 600, 6, 0.5, ridged=True)
        line = [sheet.height * (level - 0.015 - (0.12 - 0.07 * near) * height) for height in crest]
        lay(sky, "#0d2029" if near < 1 else "#050d12", silhouette(sheet.size, [under(line, sheet.size)]))
    return mirrored(sheet, sky, level, 0.8)


def mirrored(sheet: Sheet, picture: Image.Image, level: float, strength: float) -> Image.Image:
    """Replace the picture below `level` (0..1) with water that reflects the part above."""
    shore = round(sheet.height * level)
    depth = sheet.height - shore
    flipped = picture.crop((0, max(0, shore - depth), sheet.width, shore)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    flipped = flipped.resize((sheet.width, depth), Image.Resampling.BICUBIC)
    flipped = rippled(sheet, smear(flipped, sheet.unit * 0.001, sheet.unit * 0.006))
    picture.paste(curve(flipped, lambda v: v * strength), (0, shore))
    return picture


def rippled(sheet: Sheet, water: Image.Image, swell: float = 0.012) -> Image.Image:
    """Shift the rows of a reflection like small waves, by up to `swell` at the near edge."""
    width, height = water.size
    shifts = profile(sheet.rng, height, max(4, height // 9), 0.6)
    result = water.copy()
    for row in range(height):
        reach = sheet.unit * swell * (row / height)
        strip = water.crop((0, row, width, row + 1))
        result.paste(strip, (round((shifts[row] - 0.5) * reach), row))
    texture = fractal(sheet.rng, water.size, (6, 60), 5)
    return ImageChops.soft_light(result, Image.merge("RGB", [curve(texture, lambda v: 0.3 + v * 0.4)] * 3))
