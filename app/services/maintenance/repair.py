"""Repair the findings of `verify`, except those that need a backup."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator

from sqlalchemy import delete, select, update

from app.models import File, Variant
from app.services.maintenance import overdue
from app.services.maintenance.findings import AT_UPLOAD, Finding, Fix
from app.services.maintenance.verify import CONFIRM_BATCH
from app.services.transactions import transaction
from app.services.variants import processing
from app.services.variants.store import PATH_COLUMNS, lock_files

BEYOND_REPAIR = {
    Fix.PURGE: "could not be deleted: the store refused, or a worker still holds it; see the log",
    Fix.ORPHANS: "`flask maintenance orphans --delete` deletes it",
    Fix.NONE: "cannot be repaired: restore the object from a backup",
}


def repaired(found: Iterable[Finding], *, dry_run: bool = False) -> Generator[tuple[Finding, bool], None, None]:
    """Repair findings and yield each with whether it is repaired, or in a dry run would be.

    Variants to be made again are only scheduled: a running server, or `flask photos backfill`, makes them.
    """
    if not dry_run:
        processing.give_up_exhausted()  # files that repeatedly ended their worker are not restarted
    waiting: list[Finding] = []
    try:
        for finding in found:
            waiting.append(finding)
            if len(waiting) == CONFIRM_BATCH:
                yield from _repaired(waiting, dry_run)
                waiting = []
        yield from _repaired(waiting, dry_run)
        waiting = []
    finally:  # on interruption, because a resumed deep verification does not yield these findings again
        if not dry_run:
            _repair(waiting)


def _repaired(batch: list[Finding], dry_run: bool) -> Iterator[tuple[Finding, bool]]:
    left: set[str | None] = set()
    if not dry_run:
        _repair(batch)
        left = overdue.remaining(_overdue(batch))
    for finding in batch:
        yield finding, finding.uuid not in left if finding.fix is Fix.PURGE else finding.fix not in BEYOND_REPAIR


def _overdue(batch: list[Finding]) -> list[Finding]:
    return [finding for finding in batch if finding.fix is Fix.PURGE]


def _repair(batch: list[Finding]) -> None:
    """Repair a batch; the number of statements depends on the ladder, not on the length of the batch."""
    lost = [finding for finding in batch if finding.fix is Fix.REMAKE]
    for name in sorted({finding.name for finding in lost}):
        _forget(name, _files(finding for finding in lost if finding.name == name))
    for name in PATH_COLUMNS:
        _correct_path(name, _files(each for each in batch if each.fix is Fix.PATHS and each.name == name))
    again = [each for each in batch if each.fix is Fix.RESTART or (each in lost and each.name in AT_UPLOAD)]
    processing.restart_all(_files(again))
    overdue.purge_now(_overdue(batch))


def _files(found: Iterable[Finding]) -> list[int]:
    return sorted({finding.file_id for finding in found if finding.file_id is not None})


def _forget(name: str, file_ids: list[int]) -> None:
    with transaction() as session:
        lock_files(session, file_ids)
        session.execute(delete(Variant).where(Variant.name == name, Variant.file_id.in_(file_ids)))
        if name in PATH_COLUMNS:
            session.execute(update(File).where(File.id.in_(file_ids)).values({PATH_COLUMNS[name]: None}))


def _correct_path(name: str, file_ids: list[int]) -> None:
    if not file_ids:
        return
    path = select(Variant.path).where(Variant.file_id == File.id, Variant.name == name).scalar_subquery()
    with transaction() as session:
        chosen = update(File).where(File.id.in_(file_ids)).execution_options(synchronize_session=False)
        session.execute(chosen.values({PATH_COLUMNS[name]: path}))
