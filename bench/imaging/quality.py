"""Measure the similarity of a medium to an unsharpened LANCZOS reference made from full resolution."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from bench.imaging.peers import PEERS

Plane = np.ndarray


def reference(photo: Path, folder: Path) -> Path:
    """The path of a lossless version of the photo, 1200 pixels wide, made once from full resolution."""
    path = folder / f"{photo.stem}-reference.png"
    if not path.exists():
        with Image.open(photo) as opened:
            image = ImageOps.exif_transpose(opened).convert("RGB")
        size = (1200, round(1200 * image.height / image.width))
        image.resize(size, Image.Resampling.LANCZOS).save(path, compress_level=1)
    return path


def ssim(reference_path: Path, made_path: Path) -> float:
    """Mean structural similarity of brightness, 0 to 1 (Wang et al. 2004, gaussian of 1.5 pixels)."""
    first, second = _luma(reference_path), _luma(made_path)
    mean_1, mean_2 = _blur(first), _blur(second)
    var_1 = _blur(first * first) - mean_1 * mean_1
    var_2 = _blur(second * second) - mean_2 * mean_2
    both = _blur(first * second) - mean_1 * mean_2
    above = (2 * mean_1 * mean_2 + 6.5) * (2 * both + 58.5)
    below = (mean_1**2 + mean_2**2 + 6.5) * (var_1 + var_2 + 58.5)
    return float((above / below).mean())


def ssimulacra2(reference_path: Path, made_path: Path) -> float:
    """SSIMULACRA2, up to 100; below 50 is low quality, above 90 visually lossless (Sneyers 2023)."""
    lossless = made_path.with_suffix(".score.png")
    with Image.open(made_path) as image:
        image.convert("RGB").save(lossless, compress_level=1)
    score = float(_metric()(str(reference_path), str(lossless)))
    lossless.unlink()
    return score


@cache
def _metric():  # type: ignore[no-untyped-def]
    sys.path.append(str(PEERS / "metric"))
    from ssimulacra2 import compute_ssimulacra2

    return compute_ssimulacra2


def _luma(path: Path) -> Plane:
    with Image.open(path) as image:
        return np.asarray(image.convert("L")).astype(np.float32)


def _blur(plane: Plane) -> Plane:
    """Blur with a Gaussian of 11 taps, vertically and then horizontally."""
    taps = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2)).astype(np.float32)
    taps /= taps.sum()
    for axis in (0, 1):
        shifted = np.lib.stride_tricks.sliding_window_view(plane, 11, axis=axis)
        plane = shifted @ taps
    return plane
