"""Run every maker on every photo, in turn, and compute medians."""

from __future__ import annotations

import json
import math
import statistics
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.imaging import peers, quality

MAKERS = ("ours", "naive", "floor", "pyvips", "pyvips_two", "sharp", "sharp_two", "thumbor")
PHOTOS_AT_ONCE = 6


@dataclass
class Worker:
    """The process of one maker, kept for the whole run so that its start is not measured."""

    name: str
    process: subprocess.Popen[str]

    def make(self, photos: Sequence[Path], threads: int = 1, out: Path | None = None) -> dict[str, float]:
        """Process these photos; returns CPU and wall seconds, and memory in MB. `out` is a prefix for output files."""
        order: dict[str, Any] = {"photos": [str(photo) for photo in photos], "threads": threads}
        if out:
            order["out"] = str(out)
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps(order), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())  # type: ignore[no-any-return]


@dataclass
class Results:
    """Medians by maker and photo: seconds, MB, bytes and scores."""

    cpu: dict[str, dict[str, float]] = field(default_factory=dict)
    wall: dict[str, dict[str, float]] = field(default_factory=dict)
    scores: dict[str, dict[str, Any]] = field(default_factory=dict)
    threads: dict[str, dict[str, float]] = field(default_factory=dict)


@contextmanager
def workers(names: Sequence[str] = MAKERS) -> Iterator[list[Worker]]:
    """Start one process for each maker; ends them after the block."""
    with ExitStack() as stack:
        yield [stack.enter_context(_worker(name)) for name in names]


@contextmanager
def _worker(name: str) -> Iterator[Worker]:
    process = subprocess.Popen(
        peers.command(name),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=peers.environment(name),
        cwd=peers.ROOT,
    )
    try:
        yield Worker(name, process)
    finally:
        process.terminate()
        process.wait()


def times(running: Sequence[Worker], photos: Sequence[Path], rounds: int, results: Results) -> None:
    """Measure CPU and wall seconds per photo; makers take turns, so that other load affects all of them."""
    taken: dict[tuple[str, str], list[dict[str, float]]] = {}
    for number in range(rounds + 1):
        for photo in photos:
            for worker in running:
                made = worker.make([photo])
                if number:  # the first round warms caches and imports
                    taken.setdefault((worker.name, photo.stem), []).append(made)
    for (name, stem), made in taken.items():
        results.cpu.setdefault(name, {})[stem] = statistics.median(each["cpu"] for each in made)
        results.wall.setdefault(name, {})[stem] = statistics.median(each["wall"] for each in made)


def scores(running: Sequence[Worker], photos: Sequence[Path], folder: Path, results: Results) -> None:
    """Measure bytes, SSIM and SSIMULACRA2 of each maker's variants."""
    for worker in running:
        if worker.name == "floor":
            continue
        for photo in photos:
            prefix = folder / f"{worker.name}-{photo.stem}"
            worker.make([photo], out=prefix)
            medium, thumb = Path(f"{prefix}-medium.jpg"), Path(f"{prefix}-thumb.jpg")
            against = quality.reference(photo, folder)
            results.scores.setdefault(worker.name, {})[photo.stem] = {
                "medium_bytes": medium.stat().st_size,
                "thumb_bytes": thumb.stat().st_size,
                "ssim": round(quality.ssim(against, medium), 4),
                "ssimulacra2": round(quality.ssimulacra2(against, medium), 2),
            }


def scaling(running: Sequence[Worker], photo: Path, rounds: int, results: Results) -> None:
    """Measure photos a second and memory of one photo with 1, 2 and 3 threads."""
    for worker in running:
        if worker.name not in ("ours", "pyvips", "sharp"):
            continue
        rates = {}
        for threads in (1, 2, 3):
            made = [worker.make([photo] * PHOTOS_AT_ONCE, threads) for _ in range(rounds)]
            rates[f"threads_{threads}"] = round(PHOTOS_AT_ONCE / statistics.median(each["wall"] for each in made), 2)
            rates[f"peak_mb_{threads}"] = round(statistics.median(each["peak_mb"] for each in made))
        results.threads[worker.name] = rates


def ratios(results: Results) -> dict[str, float]:
    """Our CPU time relative to each other maker's, as geometric mean over the photos."""
    ours = results.cpu["ours"]
    return {
        name: round(math.exp(statistics.fmean(math.log(ours[stem] / theirs[stem]) for stem in ours)), 3)
        for name, theirs in results.cpu.items()
        if name != "ours"
    }
