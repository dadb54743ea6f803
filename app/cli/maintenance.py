"""`flask maintenance`: verification, repair, orphans and statistics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator

import click
from flask.cli import AppGroup

from app.cli.output import Report, as_json, counted, dry_run, progress
from app.models import human_size
from app.services.maintenance import statistics
from app.services.maintenance.deep import DeepVerification
from app.services.maintenance.findings import Finding
from app.services.maintenance.orphans import Orphans
from app.services.maintenance.repair import BEYOND_REPAIR, repaired
from app.services.maintenance.statistics import Amounts, Statistics
from app.services.maintenance.verify import Verification

maintenance = AppGroup("maintenance", help="Verify, repair and measure the stored files.")
deep_option = click.option("--deep", is_flag=True, help="Also read every object: digests, damage, metadata.")
restart_option = click.option(
    "--restart", is_flag=True, help="With --deep: start from the beginning, not where an interrupted run stopped."
)


@maintenance.command()
@deep_option
@restart_option
@as_json
def verify(deep: bool, restart: bool, wants_json: bool) -> None:
    """Compare the database with the stored objects, without changes; ends with 1 if anything is wrong."""
    with Report(wants_json, "findings") as report:
        reading = _deep(restart, "verify") if deep else None
        after, earlier = reading.earlier if reading else (0, 0)
        found: Counter[int] = Counter()
        for finding in report.through(_findings(reading)):
            found[finding.invariant] += 1
            report.item(finding.as_json(), _line(finding))
        report.wrong = bool(found or earlier)
        lines = [f"{counted(found.total(), 'finding')}." if report.wrong else "No problems found."]
        if earlier:
            lines.append(f"{earlier:,} more were reported before an interruption; --restart reads everything again.")
        report.conclude(
            {
                "findings": found.total(),
                "by_invariant": {str(number): amount for number, amount in sorted(found.items())},
                "deep": deep,
                "deep_began_after": after,
                "earlier_findings": earlier,
            },
            *lines,
        )


@maintenance.command()
@deep_option
@restart_option
@dry_run
@as_json
def repair(deep: bool, restart: bool, dry_run: bool, wants_json: bool) -> None:
    """Repair what `verify` finds; ends with 1 if something is left that needs a backup."""
    with Report(wants_json, "findings") as report:
        done = left = 0
        found = _findings(_deep(restart, "repair") if deep else None)
        for finding, mended in report.through(repaired(found, dry_run=dry_run)):
            done, left = done + mended, left + (not mended)
            outcome = ("would be repaired" if dry_run else "repaired") if mended else BEYOND_REPAIR[finding.fix]
            report.item(finding.as_json() | {"repaired": mended and not dry_run}, f"{_line(finding)} — {outcome}")
        report.wrong = left > 0 or (dry_run and done > 0)
        verb = "would be repaired" if dry_run else "repaired"
        report.conclude(
            {"repairable" if dry_run else "repaired": done, "left": left, "dry_run": dry_run},
            f"{done:,} {verb}, {left:,} left. The server or `flask photos backfill` makes lost variants again.",
        )


def _deep(restart: bool, purpose: str) -> DeepVerification:
    reading = DeepVerification(progress=progress, purpose=purpose)
    if restart:
        reading.restart()
    return reading


def _findings(reading: DeepVerification | None) -> Generator[Finding, None, None]:
    yield from Verification(progress=progress).findings()
    if reading is not None:
        yield from reading.findings()


def _line(finding: Finding) -> str:
    where = " ".join(part for part in (finding.uuid, finding.key) if part)
    return f"({finding.invariant}) {where}: {finding.words}" if where else f"({finding.invariant}) {finding.words}"


@maintenance.command()
@click.option("--delete", is_flag=True, help="Delete them, and the leftovers of interrupted writes.")
@click.option("--sure", is_flag=True, help="Delete even if more objects would be deleted than kept.")
@dry_run
@as_json
def orphans(delete: bool, sure: bool, dry_run: bool, wants_json: bool) -> None:
    """List objects older than 24 h that no row refers to; ends with 1 if any are left."""
    with Report(wants_json, "orphans") as report:
        service = Orphans(progress=progress)
        removing = delete and not dry_run
        number = size = problems = 0
        for orphan in report.through(service.delete(sure=sure) if removing else service.find()):
            number, size, problems = number + 1, size + orphan.size, problems + (orphan.problem is not None)
            words = f": {orphan.problem}" if orphan.problem else ""
            report.item(orphan.as_json(), f"{orphan.backend}:{orphan.key} {human_size(orphan.size)}{words}")
        leftovers = service.sweep_leftovers() if removing else 0
        report.wrong = problems > 0 or (number > 0 and not removing)
        values = {"orphans": number, "bytes": size, "deleted": number - problems if removing else 0}
        verb = "removed" if removing else "found"
        report.conclude(
            values | {"problems": problems, "leftovers": leftovers, "dry_run": not removing},
            f"{counted(number - problems, 'orphan')} {verb} ({human_size(size)}), {problems:,} problems, "
            f"{counted(leftovers, 'leftover')} of interrupted writes removed.",
        )


@maintenance.command()
@click.option("--top", type=click.IntRange(0), default=20, show_default=True, help="Largest collections; 0: all.")
@as_json
def stats(top: int, wants_json: bool) -> None:
    """Show files and bytes by kind, variant, format, storage class and collection, and the cost of storage."""
    with Report(wants_json) as report:
        found = statistics.gather(top)
        report.conclude(found.as_json(), *_tables(found))


def _tables(found: Statistics) -> Iterator[str]:
    for heading in ("originals", "variants", "formats", "classes"):
        yield from _table(heading, getattr(found, heading))
    yield from _table("largest collections", {f"{title} ({uuid})": size for uuid, title, size in found.collections})
    yield f"total: {counted(found.total.files, 'object')}, {human_size(found.total.bytes)}"
    cost, prices = found.cost, found.cost["prices"]
    if cost["storage_per_month"]:
        yield (
            f"storage: {cost['currency']} {cost['total_per_month']:.2f} a month; all of it written once: "
            f"{cost['writing_once']:.2f}, read once: {cost['reading_once']:.2f}"
        )
        if assumed := cost["assumed_standard"]["files"]:
            yield f"{counted(assumed, 'original')} of an unknown class, from before it was recorded, at STANDARD prices"
        yield f"prices of {prices['vendor']} as read on {prices['read_on']}: {prices['source']}"


def _table(heading: str, amounts: Amounts) -> Iterator[str]:
    yield heading
    for name, amount in amounts.items():
        yield f"  {name:<48} {amount.files:>10,} {human_size(amount.bytes):>10}"
