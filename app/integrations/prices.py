"""Price lists of stores, read from data files that name their source and date."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GB = 1_000_000_000


@dataclass(frozen=True)
class Tariff:
    """Prices of one storage class, in the list's currency: per GB and month, per million operations, per GB read."""

    gb_month: float
    class_a_million: float
    class_b_million: float
    retrieval_gb: float
    minimum_days: int
    free_gb_month: float

    def per_month(self, size: int) -> float:
        """The monthly price of this many bytes, without the free allowance."""
        return size / GB * self.gb_month


@dataclass(frozen=True)
class PriceList:
    """Tariffs by storage class, and the source and date that make them checkable."""

    vendor: str
    currency: str
    source: str
    read_on: str
    classes: dict[str, Tariff]


FREE = PriceList(vendor="", currency="", source="", read_on="", classes={})  # of stores that charge nothing


def load(path: Path) -> PriceList:
    """Read a price list from its data file."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    classes = {name: Tariff(**values) for name, values in data.pop("classes").items()}
    return PriceList(**data, classes=classes)
