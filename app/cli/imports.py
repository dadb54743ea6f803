"""`flask photos import`: import of a folder on the server into a collection."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli.broker import broker_queue
from app.cli.output import Report, as_json, counted, dry_run, progress
from app.services.maintenance import backfill
from app.services.maintenance.backfill import Backfill, Wanted
from app.services.uploads.folder import IMPORTED, REFUSED, FolderImport, ImportResult, Watch, files_in
from app.services.uploads.receipt import DUPLICATE

LOOK_SECONDS = 2.0


@click.command("import")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--collection", "collection_uuid", metavar="UUID", required=True, help="Collection to import into.")
@click.option("--recursive", is_flag=True, help="Also import the files of subfolders.")
@click.option("--watch", is_flag=True, help="Keep importing new files until Ctrl-C.")
@dry_run
@as_json
@with_appcontext
def import_folder(
    folder: Path, collection_uuid: str, recursive: bool, watch: bool, dry_run: bool, wants_json: bool
) -> None:
    """Import the files of FOLDER into a collection and make their variants.

    Ends with 1 if any file was refused or has no preview.
    """
    with Report(wants_json, "files") as report:
        work = FolderImport(collection_uuid, broker_queue(), progress)
        paths = files_in(folder, recursive=recursive)
        if dry_run:
            words = f"{counted(len(paths), 'file')} would be checked; duplicates would be skipped."
            report.conclude({"would_look_at": len(paths), "dry_run": True}, words)
            return
        results: Counter[str] = Counter()
        places: dict[str, Path] = {}  # uuid -> path, of the files of this run
        for batch in _watched(folder, recursive) if watch else [paths]:
            places |= _take(work, batch, results, report)
            results.update(_prepare(collection_uuid, places, report))
        _conclude(report, results)


def _watched(folder: Path, recursive: bool) -> Iterator[list[Path]]:
    """Yield the files that are completely copied, batch by batch, until Ctrl-C."""
    watch = Watch(folder, recursive=recursive)
    with suppress(KeyboardInterrupt):  # Ctrl-C ends --watch
        while True:
            if ready := watch.settled():
                yield ready
            time.sleep(LOOK_SECONDS)


def _take(work: FolderImport, paths: list[Path], results: Counter[str], report: Report) -> dict[str, Path]:
    """Import the files; return the path of each file that is now in the collection, by its uuid."""
    places: dict[str, Path] = {}
    for taken in report.through(work.run(paths)):
        results[taken.result] += 1
        if taken.uuid:
            places[taken.uuid] = taken.path
        if taken.result != IMPORTED:
            report.item(taken.as_json(), _line(taken))
    return places


def _line(taken: ImportResult) -> str:
    return f"{taken.path}: {taken.words or 'already uploaded, skipped'}"


def _prepare(collection_uuid: str, places: dict[str, Path], report: Report) -> Iterator[str]:
    """Make missing variants and yield the result of each picture; with a broker, leave them to its workers.

    A failed picture is reported by its path in the folder, or by its name if an earlier run imported it.
    """
    if broker_queue() is not None:
        return
    work = Backfill(Wanted(collection_uuid=collection_uuid), progress)
    for done in report.through(work.run(current_app.config["VARIANT_WORKERS"])):
        if done.result == backfill.FAILED:
            place = str(places.get(done.uuid, done.name))
            report.item(done.as_json() | {"path": place}, f"{place}: {done.words}")
        yield done.result


def _conclude(report: Report, results: Counter[str]) -> None:
    report.wrong = results[REFUSED] > 0 or results[backfill.FAILED] > 0
    names = (IMPORTED, DUPLICATE, REFUSED, backfill.MADE, backfill.FAILED, backfill.ELSEWHERE)
    report.conclude(
        {name: results[name] for name in names},
        f"{counted(results[IMPORTED], 'file')} imported, {results[DUPLICATE]:,} already uploaded, "
        f"{results[REFUSED]:,} refused.",
        f"{counted(results[backfill.MADE], 'picture')} prepared, {results[backfill.FAILED]:,} without a preview, "
        f"{results[backfill.ELSEWHERE]:,} prepared by another worker.",
    )
