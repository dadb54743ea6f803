"""Compare measurements with targets; print them as a table and save them as JSON."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Target:
    """One target: met if `value` is at most `limit`, both in `unit`."""

    name: str
    value: float
    limit: float
    unit: str
    note: str = ""
    wanted: str = ""

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        return self.value <= self.limit

    def line(self) -> str:
        """A table row with the target, the value and the verdict."""
        wanted = self.wanted or f"< {self.limit:g} {self.unit}".rstrip()
        verdict = "pass" if self.met else "MISSED"
        return f"{self.name:<42} {wanted:>15} {f'{self.value:.3g} {self.unit}':>11}  {verdict:<6}  {self.note}".rstrip()


@dataclass
class Report:
    """Targets, lines of comparison, and all measured numbers."""

    targets: list[Target] = field(default_factory=list)
    comparisons: list[str] = field(default_factory=list)
    numbers: dict[str, Any] = field(default_factory=dict)

    def print(self) -> None:
        """Print targets and comparisons."""
        print(f"{'target':<42} {'wanted':>15} {'measured':>11}")
        for target in self.targets:
            print(target.line())
        print(*["", *self.comparisons], sep="\n")

    def save(self, path: Path) -> None:
        """Write everything to a JSON file, creating its folder."""
        content = {
            "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()},
            "targets": [asdict(target) | {"met": target.met} for target in self.targets],
            "comparisons": self.comparisons,
            "numbers": self.numbers,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=1) + "\n")

    @property
    def met(self) -> bool:
        """Whether every target is reached."""
        return all(target.met for target in self.targets)


def median(values: Sequence[float]) -> float:
    """The median of a series."""
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    """The 95th percentile of a series."""
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile, extremes, mean and count of a series."""
    return {
        "median": median(values),
        "p95": p95(values),
        "min": min(values),
        "max": max(values),
        "mean": statistics.fmean(values),
        "count": len(values),
    }
