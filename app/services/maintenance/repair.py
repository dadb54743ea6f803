"""Putting right what verifying has found, as far as anybody but a person with a backup can."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator

from sqlalchemy import delete, select, update

from app.models import File, Variant
from app.services.maintenance import overdue
from app.services.maintenance.findings import AT_UPLOAD, Finding, Fix
from app.services.maintenance.verify import LOOK_AGAIN
from app.services.transactions import transaction
from app.services.variants import processing
from app.services.variants.store import PATH_COLUMNS, lock_files

BEYOND_REPAIR = {
    Fix.PURGE: "could not be removed: its store refuses, or a worker has it yet; the log says why",
    Fix.ORPHANS: "`flask maintenance orphans --delete` removes it",
    Fix.NONE: "cannot be repaired here: bring the object back from a backup",
}


def repaired(found: Iterable[Finding], *, dry_run: bool = False) -> Generator[tuple[Finding, bool], None, None]:
    """Each finding, and whether it is repaired (in a dry run: would be).

    What has to be made again is left due: a running server begins with it at once, `flask photos backfill` as well.
    """
    if not dry_run:
        processing.give_up_exhausted()  # a file that ends its worker every time is not started for a fifth
    waiting: list[Finding] = []
    try:
        for finding in found:
            waiting.append(finding)
            if len(waiting) == LOOK_AGAIN:
                yield from _repaired(waiting, dry_run)
                waiting = []
        yield from _repaired(waiting, dry_run)
        waiting = []
    finally:  # interrupted: a deep reading does not come back to what it has told
        if not dry_run:
            _repair(waiting)


def _repaired(batch: list[Finding], dry_run: bool) -> Iterator[tuple[Finding, bool]]:
    left: set[str | None] = set()
    if not dry_run:
        _repair(batch)
        left = overdue.left(_overdue(batch))
    for finding in batch:
        yield finding, finding.uuid not in left if finding.fix is Fix.PURGE else finding.fix not in BEYOND_REPAIR


def _overdue(batch: list[Finding]) -> list[Finding]:
    return [finding for finding in batch if finding.fix is Fix.PURGE]


def _repair(batch: list[Finding]) -> None:
    """A number of statements that depends on the ladder, not on the length of the batch."""
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
