"""Price lists of stores, read from JSON files that name their source and date."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GB = 1_000_000_000


@dataclass(frozen=True)
class Tariff:
    """Prices of one storage class: per GB and month, per million operations, per GB read; in the list's currency."""

    gb_month: float
    class_a_million: float
    class_b_million: float
    retrieval_gb: float
    minimum_days: int
    free_gb_month: float

    def per_month(self, size: int) -> float:
        """Return the monthly price of `size` bytes, ignoring the free allowance."""
        return size / GB * self.gb_month


@dataclass(frozen=True)
class PriceList:
    """Tariffs by storage class, with the page they were read from and the date."""

    vendor: str
    currency: str
    source: str
    read_on: str
    classes: dict[str, Tariff]


FREE = PriceList(vendor="", currency="", source="", read_on="", classes={})  # list of stores that are free


def load(path: Path) -> PriceList:
    """Read a price list from a JSON file."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    classes = {name: Tariff(**values) for name, values in data.pop("classes").items()}
    return PriceList(**data, classes=classes)
