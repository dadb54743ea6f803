"""The two that are compared: pages with variants and pages with originals; and figures that may be missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.report import Report, median


@dataclass(frozen=True)
class Side:
    """A name for tables and the address of the collection's page."""

    name: str
    url: str


@dataclass(frozen=True)
class Sides:
    """Ours and the baseline: the same rows and store behind both."""

    ours: Side
    baseline: Side

    def in_turn(self, turn: int) -> list[Side]:
        """Both; neither always goes first."""
        return [self.ours, self.baseline] if turn % 2 == 0 else [self.baseline, self.ours]


@dataclass(frozen=True)
class Timing:
    """A median in milliseconds; None if in half of the visits it did not happen within `patience` seconds."""

    milliseconds: float | None
    patience: float

    @classmethod
    def of(cls, values: Sequence[float | None], patience: float) -> Timing:
        """The median, where what did not happen counts as never."""
        middle = median([float("inf") if value is None else value for value in values])
        return cls(None if middle == float("inf") else middle, patience)

    def __str__(self) -> str:
        return f"> {self.patience:g} s" if self.milliseconds is None else f"{self.milliseconds / 1000:.2f} s"


def table(report: Report, what: str, scene: str, side: str, cells: dict[str, str]) -> None:
    """One line of a comparison."""
    figures = "  ".join(f"{name} {value:>7}" for name, value in cells.items())
    report.comparisons.append(f"{what:<13}{scene:<24}{side:<10}{figures}")
