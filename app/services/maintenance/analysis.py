"""Find the variants that originals lack, and estimate their size in bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, cast, func, select

from app.imaging import variants
from app.imaging.variants import VariantSpec, fit
from app.models import File, ProcessingStatus, Variant
from app.services.lookup import is_live, is_picture
from app.services.maintenance import rows
from app.services.maintenance.rows import FileRow
from app.services.progress import Progress, silent
from app.services.transactions import reading

# Bytes a pixel of the demonstration's variants, used while there are no variants of that name to measure.
DEFAULT_DENSITY = {"large": 0.19, "medium": 0.19, "small": 0.17, "thumb": 0.18}
OTHER_DENSITY = 0.2
DEFAULT_SIZE = (6000, 4000)  # assumed for originals that were never read: the usual 24 megapixels


@dataclass(frozen=True, slots=True)
class Need:
    """The missing variants of one original; those in `not_enlarged` are made at its size, not at their own."""

    uuid: str
    status: str
    missing: tuple[str, ...]
    not_enlarged: tuple[str, ...]
    estimated_bytes: int

    def as_json(self) -> dict[str, Any]:
        """Return the item as printed by `--json`."""
        return {
            "file": self.uuid,
            "status": self.status,
            "missing": list(self.missing),
            "not_enlarged": list(self.not_enlarged),
            "estimated_bytes": self.estimated_bytes,
        }


@dataclass
class Tally:
    """Sums for one variant over all originals; `missing_bytes` is an estimate."""

    present: int = 0
    present_bytes: int = 0
    missing: int = 0
    missing_bytes: int = 0
    not_enlarged: int = 0


@dataclass
class Analysis:
    """Sums over the originals that were read so far."""

    images: int = 0
    lacking: int = 0
    unknown_size: int = 0
    failed: int = 0
    variants: dict[str, Tally] = field(default_factory=lambda: {spec.name: Tally() for spec in variants.LADDER})


class Analyzer:
    """Reads every picture; `analysis` holds the sums once `needs` is exhausted."""

    def __init__(self, progress: Progress = silent, *conditions: rows.Condition) -> None:
        self._progress = progress
        self._conditions = (is_live(File), File.upload_complete, is_picture(), *conditions)
        self._density: dict[str, float] = {}
        self.analysis = Analysis()

    def needs(self) -> Iterator[Need]:
        """Yield the pictures that lack a variant, in the order of upload."""
        self._density = densities()
        with self._progress("Analysing", rows.count(*self._conditions)) as advance:
            for batch in rows.batches(*self._conditions):
                for row in batch:
                    need = self._need(row)
                    if need.missing:
                        yield need
                advance(len(batch))

    def _need(self, row: FileRow) -> Need:
        size = (row.width, row.height) if row.width and row.height else DEFAULT_SIZE
        targets = {spec.name: fit(spec, *size) for spec in variants.LADDER}
        missing = tuple(name for name in targets if row.variant(name) is None)
        not_enlarged = tuple(
            spec.name for spec in variants.LADDER if row.width and is_smaller_than_wanted(spec, targets[spec.name])
        )
        estimates = {name: round(targets[name][0] * targets[name][1] * self._density[name]) for name in missing}
        self._add(row, estimates, not_enlarged)
        return Need(row.uuid, str(row.status), missing, not_enlarged, sum(estimates.values()))

    def _add(self, row: FileRow, estimates: dict[str, int], not_enlarged: tuple[str, ...]) -> None:
        self.analysis.images += 1
        self.analysis.lacking += bool(estimates)
        self.analysis.unknown_size += not row.width
        self.analysis.failed += row.status is ProcessingStatus.FAILED
        for name, tally in self.analysis.variants.items():
            made = row.variant(name)
            tally.present += made is not None
            tally.present_bytes += made.size if made else 0
            tally.missing += name in estimates
            tally.missing_bytes += estimates.get(name, 0)
            tally.not_enlarged += name in not_enlarged


def is_smaller_than_wanted(spec: VariantSpec, target: tuple[int, int]) -> bool:
    """Return whether a size is below every limit of its spec, because the original is too small for it."""
    limits = [(limit, side) for limit, side in ((spec.width, target[0]), (spec.height, target[1])) if limit]
    return all(side < limit for limit, side in limits)


def densities() -> dict[str, float]:
    """Return the bytes a pixel of each variant: the mean of the existing ones, else the default."""
    pixels = func.sum(cast(Variant.width, BigInteger) * Variant.height)
    query = select(Variant.name, func.sum(Variant.size), pixels).group_by(Variant.name)
    with reading() as session:
        known = {name: float(size) / float(area) for name, size, area in session.execute(query) if area}
    return {spec.name: known.get(spec.name, DEFAULT_DENSITY.get(spec.name, OTHER_DENSITY)) for spec in variants.LADDER}
