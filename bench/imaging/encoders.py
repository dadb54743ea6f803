"""Measure bytes and CPU of output formats at the visual quality (SSIMULACRA2) of JPEG at q85."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from bench.imaging import quality

ENCODERS: dict[str, tuple[str, dict[str, Any]]] = {
    "jpeg progressive": ("JPEG", {"progressive": True}),
    "webp method 4": ("WEBP", {"method": 4}),
    "webp method 6": ("WEBP", {"method": 6}),
    "avif speed 8": ("AVIF", {"speed": 8, "max_threads": 1}),
    "avif speed 6": ("AVIF", {"speed": 6, "max_threads": 1}),
}


def measure(reference: Path, folder: Path) -> dict[str, dict[str, float]]:
    """Encode a lossless reference; returns for each encoder its quality setting, and bytes and CPU relative to JPEG."""
    with Image.open(reference) as opened:
        image = opened.convert("RGB")
    target, jpeg = 0.0, {"bytes": 1.0, "cpu": 1.0}
    table = {}
    for name, (kind, params) in ENCODERS.items():
        path = folder / f"encoder.{kind.lower()}"

        def score(setting: int, path: Path = path, kind: str = kind, params: dict[str, Any] = params) -> float:
            image.save(path, kind, quality=setting, **params)
            return quality.ssimulacra2(reference, path)

        setting = 85 if not target else _setting_for(target, score)
        row = {"quality": setting, **_cost(image, path, kind, {"quality": setting, **params})}
        if not target:
            target, jpeg = score(setting), row
        table[name] = row | {
            "bytes_ratio": round(row["bytes"] / jpeg["bytes"], 2),
            "cpu_ratio": round(row["cpu"] / jpeg["cpu"], 1),
        }
    return table


def _setting_for(target: float, score: Callable[[int], float]) -> int:
    """The lowest quality setting that reaches the target, by bisection."""
    low, high = 30, 98
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if score(middle) >= target else (middle + 1, high)
    return low


def _cost(image: Image.Image, path: Path, kind: str, params: dict[str, Any]) -> dict[str, float]:
    taken = []
    for _ in range(3):
        start = time.process_time()
        image.save(path, kind, **params)
        taken.append(time.process_time() - start)
    return {"bytes": path.stat().st_size, "cpu": sorted(taken)[1]}
