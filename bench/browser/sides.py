"""The two sides of the comparison, pages with variants and pages with originals, and timings that may be missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.report import Report, median


@dataclass(frozen=True)
class Side:
    """A name for tables, and the URL of the collection's page."""

    name: str
    url: str


@dataclass(frozen=True)
class Sides:
    """Our server and the baseline, with the same rows and store."""

    ours: Side
    baseline: Side

    def in_turn(self, turn: int) -> list[Side]:
        """Both sides, in alternating order."""
        return [self.ours, self.baseline] if turn % 2 == 0 else [self.baseline, self.ours]


@dataclass(frozen=True)
class Timing:
    """A median in milliseconds; None if half of the visits exceeded `patience` seconds."""

    milliseconds: float | None
    patience: float

    @classmethod
    def of(cls, values: Sequence[float | None], patience: float) -> Timing:
        """The median of these values; None counts as infinite."""
        middle = median([float("inf") if value is None else value for value in values])
        return cls(None if middle == float("inf") else middle, patience)

    def __str__(self) -> str:
        return f"> {self.patience:g} s" if self.milliseconds is None else f"{self.milliseconds / 1000:.2f} s"


def table(report: Report, what: str, scene: str, side: str, cells: dict[str, str]) -> None:
    """Add one line of comparison to the report."""
    figures = "  ".join(f"{name} {value:>7}" for name, value in cells.items())
    report.comparisons.append(f"{what:<13}{scene:<24}{side:<10}{figures}")
