"""`flask photos`: state of the variants, and making of missing ones."""

from __future__ import annotations

from collections import Counter

import click
from flask import current_app
from flask.cli import AppGroup

from app.cli.broker import broker_queue
from app.cli.output import Report, as_json, collection, counted, dry_run, human_seconds, progress
from app.models import human_size
from app.services.maintenance import backfill as backfilling
from app.services.maintenance import failures, status
from app.services.maintenance.analysis import Analysis, Analyzer
from app.services.maintenance.backfill import Backfill, Wanted

photos = AppGroup("photos", help="Show the state of photo variants and make missing ones.")


@photos.command("status")
@as_json
def show_status(wants_json: bool) -> None:
    """Show counts by state, longest wait, pictures a minute and time left; ends with 1 if any failed."""
    with Report(wants_json) as report:
        found = status.read()
        report.wrong = found.failed > 0
        report.conclude(
            found.as_json(),
            *(f"{state:<12}{number:>10,}" for state, number in found.states.items()),
            *(f"  failed with {code}: {number:,}" for code, number in found.failures.items()),
            f"oldest waiting for: {human_seconds(found.oldest_waiting_seconds)}",
            f"throughput: {found.per_minute:.1f} a minute; time left: {human_seconds(found.seconds_left)}",
        )


@photos.command()
@collection
@click.option("--variant", metavar="NAME", help="Only this variant, for example 'large'.")
@click.option("--force", is_flag=True, help="Also remake existing variants and retry failed pictures.")
@click.option("--hand-over", is_flag=True, help="Let the running server and its workers make them.")
@click.option("--workers", type=click.IntRange(1, 64), help="Pictures at once; VARIANT_WORKERS by default.")
@dry_run
@as_json
def backfill(
    collection_uuid: str | None,
    variant: str | None,
    force: bool,
    hand_over: bool,
    workers: int | None,
    dry_run: bool,
    wants_json: bool,
) -> None:
    """Make the variants that pictures lack; ends with 1 if any could not be made."""
    with Report(wants_json, "failures") as report:
        work = Backfill(Wanted(variant, collection_uuid, force), progress)
        if dry_run:
            number = work.dry_run()
            report.conclude({"would_make": number, "dry_run": True}, f"{counted(number, 'picture')} would be prepared.")
        elif hand_over:
            number = work.hand_over(broker_queue())
            report.conclude({"handed_over": number}, f"{counted(number, 'picture')} handed over.")
        else:
            _backfill(work, workers or current_app.config["VARIANT_WORKERS"], report)


def _backfill(work: Backfill, workers: int, report: Report) -> None:
    results: Counter[str] = Counter()
    for done in report.through(work.run(workers)):
        results[done.result] += 1
        if done.result == backfilling.FAILED:
            report.item(done.as_json(), f"{done.name} ({done.uuid}): {done.words}")
    names = (backfilling.MADE, backfilling.FAILED, backfilling.ELSEWHERE)
    report.wrong = results[backfilling.FAILED] > 0
    report.conclude(
        {name: results[name] for name in names} | {"began_after": work.after},
        f"{counted(results[backfilling.MADE], 'picture')} prepared, {results[backfilling.FAILED]:,} failed, "
        f"{results[backfilling.ELSEWHERE]:,} taken by another worker.",
    )


@photos.command()
@collection
@dry_run
@as_json
def retry(collection_uuid: str | None, dry_run: bool, wants_json: bool) -> None:
    """Restart pictures that failed or wait for a retry, from the first attempt."""
    with Report(wants_json) as report:
        number = failures.retry_all(collection_uuid, progress, dry_run=dry_run)
        verb = "would be restarted" if dry_run else "restarted"
        report.conclude({"restarted": number, "dry_run": dry_run}, f"{counted(number, 'picture')} {verb}.")


@photos.command()
@collection
@click.option("--list", "lists", is_flag=True, help="Also list every original that lacks a variant.")
@as_json
def analyze(collection_uuid: str | None, lists: bool, wants_json: bool) -> None:
    """Count missing variants, variants no smaller than their originals, and the estimated bytes of missing ones."""
    with Report(wants_json, "files") as report:
        analyzer = Analyzer(progress, *failures.in_collection(collection_uuid))
        for need in analyzer.needs():
            if lists:
                words = f"{need.uuid}: {', '.join(need.missing)} (about {human_size(need.estimated_bytes)})"
                report.item(need.as_json(), words)
        report.conclude(_sums(analyzer.analysis), *_table(analyzer.analysis))


def _sums(found: Analysis) -> dict[str, object]:
    tallies = {name: vars(tally) for name, tally in found.variants.items()}
    return {name: value for name, value in vars(found).items() if name != "variants"} | {"variants": tallies}


def _table(found: Analysis) -> list[str]:
    heading = f"{'variant':<10}{'present':>10}{'bytes':>10}{'missing':>10}{'about':>10}{'not enlarged':>14}"
    lines = [
        f"{name:<10}{tally.present:>10,}{human_size(tally.present_bytes):>10}{tally.missing:>10,}"
        f"{human_size(tally.missing_bytes):>10}{tally.not_enlarged:>14,}"
        for name, tally in found.variants.items()
    ]
    notes = f"{counted(found.images, 'picture')}: {found.lacking:,} lack a variant, {found.failed:,} failed, "
    return [heading, *lines, f"{notes}{found.unknown_size:,} of unknown size (counted as 24 megapixels)."]
