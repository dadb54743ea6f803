"""Measure, print the tables beside the targets, and keep them in bench/out/imaging.json."""

from __future__ import annotations

import json
import os
import statistics
from dataclasses import asdict
from pathlib import Path

from bench.imaging import encoders, latency, measure, peers, pictures, quality

OUT = peers.ROOT / "bench" / "out"
TARGETS = {"pyvips": 1.00, "sharp": 1.00, "pyvips_two": 0.72, "sharp_two": 0.72, "floor": 1.60}


def main() -> None:
    """About six minutes on two cores. ROUNDS=n for the medians (7), PHOTOS=dir for a folder of one's own JPEGs."""
    folder = OUT / "imaging"
    folder.mkdir(parents=True, exist_ok=True)
    peers.install()
    photos = _photos(folder)
    results = measure.Results()
    rounds = int(os.environ.get("ROUNDS", "7"))
    with measure.workers() as running:
        measure.times(running, photos, rounds, results)
        measure.scores(running, photos, folder, results)
        measure.scaling(running, photos[-1], max(3, rounds // 2), results)
    report = asdict(results) | {
        "ratios": measure.ratios(results),
        "latency_ms": latency.measure(photos[-1]),
        "encoders": encoders.measure(quality.reference(photos[0], folder), folder),
    }
    (OUT / "imaging.json").write_text(json.dumps(report, indent=1))
    _print(results, report)


def _photos(folder: Path) -> list[Path]:
    own = os.environ.get("PHOTOS")
    if not own:
        return pictures.pictures(folder / "photos")
    return sorted(path for path in Path(own).iterdir() if path.suffix.lower() in (".jpg", ".jpeg"))


def _print(results: measure.Results, report: dict) -> None:  # type: ignore[type-arg]
    print(
        f"{'maker':<12}{'CPU ms':>8}{'wall ms':>9}{'ours/it':>9}{'target':>8}"
        f"{'kB':>6}{'kB thumb':>9}{'SSIM':>8}{'S2':>7}"
    )
    for name in measure.MAKERS:
        cpu, wall = (statistics.fmean(table[name].values()) * 1000 for table in (results.cpu, results.wall))
        ratio, target = report["ratios"].get(name, ""), TARGETS.get(name, "")
        print(f"{name:<12}{cpu:>8.0f}{wall:>9.0f}{ratio:>9}{target:>8}{_scores(results.scores.get(name, {}))}")
    print(f"\n{'largest photo':<14}{'1 thread':>10}{'2':>8}{'3':>8}{'3 to 1':>8}{'MB at 3':>9}")
    for name, row in results.threads.items():
        speed = row["threads_3"] / row["threads_1"]
        print(
            f"{name:<14}{row['threads_1']:>10}{row['threads_2']:>8}{row['threads_3']:>8}{speed:>8.2f}{row['peak_mb_3']:>9}"
        )
    print(f"\na trivial request beside three workers, ms: {report['latency_ms']}  (targets: busy p95 15, p99 25)")
    print("\nformats out at equal quality, relative to progressive JPEG")
    for name, row in report["encoders"].items():
        print(f"{name:<18}q{row['quality']:<4} bytes {row['bytes_ratio']:<6} CPU {row['cpu_ratio']}")


def _scores(rows: dict) -> str:  # type: ignore[type-arg]
    if not rows:
        return ""
    mean = {key: statistics.fmean(row[key] for row in rows.values()) for key in next(iter(rows.values()))}
    sizes = f"{mean['medium_bytes'] / 1000:>6.0f}{mean['thumb_bytes'] / 1000:>9.1f}"
    return f"{sizes}{mean['ssim']:>8.3f}{mean['ssimulacra2']:>7.1f}"


if __name__ == "__main__":
    main()
