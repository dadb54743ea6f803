"""Measure, print tables with targets, and save them to bench/out/imaging.json."""

from __future__ import annotations

import json
import os
import statistics
from dataclasses import asdict
from pathlib import Path
from typing import Any

import PIL

from bench.imaging import encoders, latency, measure, peers, pictures, quality

OUT = peers.ROOT / "bench" / "out"
TARGETS = {"pyvips": 1.00, "sharp": 1.00, "pyvips_two": 0.72, "sharp_two": 0.72, "floor": 1.60}
Report = dict[str, Any]


def main() -> None:
    """Run all parts, six minutes on two idle cores. ROUNDS=n: rounds for medians (7); PHOTOS=dir: a folder of JPEGs."""
    folder = OUT / "imaging"
    folder.mkdir(parents=True, exist_ok=True)
    peers.install()
    photos, rounds, results = _photos(folder), int(os.environ.get("ROUNDS", "7")), measure.Results()
    with measure.workers() as running:
        measure.times(running, photos, rounds, results)
        report = _keep(asdict(results) | {"pillow": PIL.__version__, "ratios": measure.ratios(results)})
        measure.scores(running, photos, folder, results)
        _print_makers(results, report)
        measure.scaling(running, photos[-1], 3, results)
    report = _keep(report | asdict(results) | {"latency_ms": latency.measure(photos[-1])})
    _print_threads(report)
    report = _keep(report | {"encoders": encoders.measure(quality.reference(photos[0], folder), folder)})
    _print_encoders(report)


def _keep(report: Report) -> Report:
    """Save the results so far, since each part takes minutes and a run may be interrupted; returns the report."""
    (OUT / "imaging.json").write_text(json.dumps(report, indent=1))
    return report


def _photos(folder: Path) -> list[Path]:
    own = os.environ.get("PHOTOS")
    if not own:
        return pictures.pictures(folder / "photos")
    return sorted(path for path in Path(own).iterdir() if path.suffix.lower() in (".jpg", ".jpeg"))


def _print_makers(results: measure.Results, report: Report) -> None:
    print(f"Pillow {report['pillow']}; CPU and wall per photo; targets are for ours relative to it")
    print(
        f"{'maker':<12}{'CPU ms':>8}{'wall ms':>9}{'ours/it':>9}{'target':>8}"
        f"{'kB':>6}{'kB thumb':>9}{'SSIM':>8}{'S2':>7}"
    )
    for name in measure.MAKERS:
        cpu, wall = (statistics.fmean(table[name].values()) * 1000 for table in (results.cpu, results.wall))
        ratio, target = report["ratios"].get(name, ""), TARGETS.get(name, "")
        print(
            f"{name:<12}{cpu:>8.0f}{wall:>9.0f}{ratio:>9}{target:>8}{_scores(results.scores.get(name, {}))}", flush=True
        )


def _print_threads(report: Report) -> None:
    print(f"\n{'largest photo':<14}{'1 thread':>10}{'2':>8}{'3':>8}{'3 to 1':>8}{'MB at 3':>9}")
    for name, row in report["threads"].items():
        speed = row["threads_3"] / row["threads_1"]
        rates = f"{row['threads_1']:>10}{row['threads_2']:>8}{row['threads_3']:>8}"
        print(f"{name:<14}{rates}{speed:>8.2f}{row['peak_mb_3']:>9}")
    targets = "busy p95 15, p99 25"
    print(f"\na trivial request with three busy workers, ms: {report['latency_ms']} ({targets})", flush=True)


def _print_encoders(report: Report) -> None:
    print("\nformats out at equal quality, relative to progressive JPEG")
    for name, row in report["encoders"].items():
        print(f"{name:<18}q{row['quality']:<4} bytes {row['bytes_ratio']:<6} CPU {row['cpu_ratio']}")


def _scores(rows: dict[str, dict[str, float]]) -> str:
    if not rows:
        return ""
    mean = {key: statistics.fmean(row[key] for row in rows.values()) for key in next(iter(rows.values()))}
    sizes = f"{mean['medium_bytes'] / 1000:>6.0f}{mean['thumb_bytes'] / 1000:>9.1f}"
    return f"{sizes}{mean['ssim']:>8.3f}{mean['ssimulacra2']:>7.1f}"


if __name__ == "__main__":
    main()
