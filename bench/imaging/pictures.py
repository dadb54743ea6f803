"""Draw pictures of camera size and quality: fractal colour, hard edges, fine lines and sensor noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SIZES = {12: (4032, 3024), 24: (6000, 4000), 45: (8256, 5504)}
SCENES = 2


def pictures(folder: Path) -> list[Path]:
    """Draw missing JPEGs; returns the paths of two for each size, the second portrait by EXIF orientation."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{megapixels}mp-{scene}.jpg" for megapixels in SIZES for scene in range(SCENES)]
    for path in paths:
        if not path.exists():
            megapixels, scene = path.stem.split("mp-")
            _save(_draw(*SIZES[int(megapixels)], seed=int(scene)), path, turned=bool(int(scene)))
    return paths


def _draw(width: int, height: int, seed: int) -> Image.Image:
    random = np.random.default_rng(seed + width)
    canvas = Image.new("RGB", (width, height))
    for octave in range(2, 11):
        cells = 2**octave
        noise = random.integers(0, 256, (max(2, cells * height // width), cells, 3), np.uint8)
        noise = (noise * 0.6 + noise.mean(axis=2, keepdims=True) * 0.4).astype(np.uint8)
        layer = Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)
        canvas = layer if octave == 2 else Image.blend(canvas, layer, 1.6 / octave**1.6)
    _edges(canvas, random)
    return _grain(canvas, random)


def _edges(canvas: Image.Image, random: np.random.Generator) -> None:
    """Draw outlines of many sizes, and lines that alias when resized badly."""
    draw = ImageDraw.Draw(canvas)
    width, height = canvas.size
    for _ in range(160):
        x, y, radius = random.integers(width), random.integers(height), random.integers(5, width // 12)
        colour = tuple(int(value) for value in random.integers(20, 235, 3))
        draw.ellipse((x - radius, y - radius // 2, x + radius, y + radius // 2), outline=colour, width=6)
    for step in range(0, width // 3, 24):
        draw.line((step, height, step + width // 4, height // 2), fill=(40, 36, 32), width=3)


def _grain(canvas: Image.Image, random: np.random.Generator) -> Image.Image:
    """Add sensor noise, mostly in brightness: 4 levels of 255, as at ISO 400."""
    width, height = canvas.size
    pixels = np.asarray(canvas).astype(np.float32)
    pixels += random.standard_normal((height, width, 1), dtype=np.float32) * 4
    pixels += random.standard_normal((height, width, 3), dtype=np.float32) * 1.5
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _save(image: Image.Image, path: Path, *, turned: bool) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6 if turned else 1
    image.save(path, "JPEG", quality=93, subsampling="4:2:2", exif=exif)
