"""The process of one maker: reads a JSON order from each line of stdin, writes a JSON result to stdout."""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from app import allocator
from bench.imaging.makers import MAKERS, Pair

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak_mb() -> float:
    """The peak memory of this process since the last reset, in MB."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1000


def work(maker: str, order: dict[str, Any]) -> dict[str, float]:
    """Process every photo of an order; returns CPU and wall seconds, and peak memory above that before, in MB."""
    CLEAR.write_text("5")
    before, cpu, wall = peak_mb(), time.process_time(), time.perf_counter()
    with ThreadPoolExecutor(order["threads"]) as pool:
        made = list(pool.map(MAKERS[maker], order["photos"]))
    answer = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "peak_mb": peak_mb() - before}
    if order.get("out"):
        _keep(made[-1], order["out"])
    return answer


def _keep(pair: Pair, prefix: str) -> None:
    for name, body in zip(("medium", "thumb"), pair, strict=True):
        Path(f"{prefix}-{name}.jpg").write_bytes(body)


if __name__ == "__main__":
    if sys.argv[1] == "ours":  # as `create_app` does
        allocator.return_freed_memory()
    for line in sys.stdin:
        print(json.dumps(work(sys.argv[1], json.loads(line))), flush=True)
