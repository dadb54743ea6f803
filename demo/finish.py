"""Turn a painted scene into a full-size photograph with grain."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageChops

from demo.brushes import bell, curve, glow

TILE = 1024


def developed(image: Image.Image, size: tuple[int, int], rng: Random, grain: float = 1.0) -> Image.Image:
    """Raise contrast, darken the corners, enlarge to `size` and add grain."""
    image = vignetted(contrasted(image))
    large = image.resize(size, Image.Resampling.BICUBIC)
    return grained(large, rng, grain)


def contrasted(image: Image.Image) -> Image.Image:
    """Deepen shadows and lift highlights with a gentle film curve."""
    return curve(image, lambda v: v + 0.035 * bell(v, 0.75, 0.25) - 0.03 * bell(v, 0.22, 0.18))


def vignetted(image: Image.Image, strength: float = 0.2) -> Image.Image:
    """Darken the corners."""
    width, height = image.size
    mask = glow(image.size, (width / 2, height / 2), (width * 0.95, height * 0.95), 0.8)
    fall = curve(mask, lambda v: 1 - strength * (1 - min(1.0, v * 1.5)))
    return ImageChops.multiply(image, Image.merge("RGB", (fall, fall, fall)))


def grained(image: Image.Image, rng: Random, amount: float) -> Image.Image:
    """Add film grain, mostly in brightness and a little in colour."""
    side = min(TILE, max(image.size))
    base = _cover(_tile(rng, side, amount * 6.5), image.size, rng)
    tints = [ImageChops.add(_tile(rng, side, amount * 2), _mottle(rng, side, amount), 1, -128) for _ in range(3)]
    sheets = [ImageChops.add(base, _cover(tile, image.size, rng), 1, -128) for tile in tints]
    return ImageChops.add(image, Image.merge("RGB", sheets), 1, -128)


def _tile(rng: Random, side: int, amount: float) -> Image.Image:
    halves = [Image.frombytes("L", (side, side), rng.randbytes(side * side)) for _ in range(2)]
    bell_shaped = Image.blend(halves[0], halves[1], 0.5)
    return curve(bell_shaped, lambda v: 0.502 + (v - 0.5) * amount / 52)


def _mottle(rng: Random, side: int, amount: float) -> Image.Image:
    """Coarse, faint noise, which hides the banding of dark gradients in JPEG."""
    few = max(1, side // 7)
    coarse = Image.frombytes("L", (few, few), rng.randbytes(few * few)).resize((side, side), Image.Resampling.BICUBIC)
    return curve(coarse, lambda v: 0.502 + (v - 0.5) * amount / 22)


def _cover(tile: Image.Image, size: tuple[int, int], rng: Random) -> Image.Image:
    sheet = Image.new("L", size)
    side = tile.width
    for top in range(0, size[1], side):
        for left in range(0, size[0], side):
            sheet.paste(ImageChops.offset(tile, rng.randrange(side), rng.randrange(side)), (left, top))
    return sheet
