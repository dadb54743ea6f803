"""Jobs of the workers and the sweeper; each takes ids and calls a service."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from flask import Flask

from app.errors import DatabaseBusy
from app.services import leases
from app.services.access import grants
from app.services.queue import QUEUE, Job, Queue
from app.services.thumbnail_service import ThumbnailService
from app.services.transactions import reason, translating_errors
from app.services.trash.purge import PurgeService
from app.services.uploads.abandoned import AbandonedUploads
from app.services.variants import claims, private_originals, processing, single
from app.services.variants.budget import VariantBudget
from app.services.variants.private_originals import Preparation
from app.services.variants.single import ON_DEMAND, SingleVariant

logger = logging.getLogger(__name__)

SWEEP_LEASE = timedelta(seconds=4)  # shorter than SWEEP_SECONDS, the pause between two sweeps of one process
AHEAD = "ahead"  # instead of the name of a variant: make all on-demand variants in the background
_budget = VariantBudget()
CHORES: dict[str, Callable[[], object]] = {
    "purge what was deleted": lambda: PurgeService().purge_due(),
    "remove abandoned uploads": lambda: AbandonedUploads().sweep(),
    "delete old grants": lambda: grants.delete_old(),
}


@contextmanager
def _logging_database_errors(work: str) -> Iterator[None]:
    """Log a locked, full or unavailable database in one line and continue; a later sweep retries."""
    try:
        with translating_errors():
            yield
    except DatabaseBusy as error:
        logger.error("%s: the database did not answer: %s", work, reason(error))  # noqa: TRY400  no traceback, one line


def run(app: Flask, file_id: int, variant: str | None = None) -> None:
    """Make the variants of a due file, or the one variant that is named; purge the file if it is deleted."""
    with app.app_context(), _logging_database_errors(f"processing file {file_id}"):
        if variant == AHEAD:
            _make_on_demand_variants(file_id)
        elif variant is not None:
            SingleVariant().make(file_id, variant)
            if variant == private_originals.NAME:
                Preparation(app.extensions[QUEUE]).continue_after(file_id)
        elif (outcome := ThumbnailService().process(file_id)) is not None and outcome.error is None:
            _queue_background_work(app.extensions[QUEUE], file_id)
        else:
            PurgeService().purge_file(file_id)


def _queue_background_work(queue: Queue, file_id: int) -> None:
    """Queue the work that no upload waits for: on-demand variants and private originals."""
    queue.submit(file_id, AHEAD, background=True)
    Preparation(queue).continue_from(file_id)


def _make_on_demand_variants(file_id: int) -> None:
    """Make the on-demand variants for large screens, as far as the collection has room for them."""
    for name in ON_DEMAND:
        if single.is_wanted(file_id, name) and _budget.reserve(file_id, name):
            SingleVariant().make(file_id, name)


def sweep(app: Flask, limit: int) -> list[tuple[int, bool]]:
    """Return the ids of up to `limit` due files, each with whether it is a background job.

    Before that, fail the files whose workers were killed too often, delete expired leases and run CHORES. Only one
    process sweeps at a time; the others get an empty list.
    """
    found: list[tuple[int, bool]] = []
    with app.app_context(), _logging_database_errors("the sweep"):
        claims.release_broken_off()
        if leases.acquire("sweep", SWEEP_LEASE) is None:
            return found
        leases.sweep()
        processing.give_up_exhausted()
        for name, chore in CHORES.items():
            _run_chore(name, chore)
        found += [(file_id, not fresh) for file_id, fresh in processing.due(limit)]
    return found


def is_settled(app: Flask, job: Job) -> bool:
    """Whether waiting for the job is over: it is done, has failed, or waits for a retry."""
    file_id, variant = job
    with app.app_context():
        if variant is not None:
            return not single.is_wanted(file_id, variant)
        return processing.is_at_rest(file_id)


def _run_chore(name: str, chore: Callable[[], object]) -> None:
    try:
        with _logging_database_errors(f"the sweep could not {name}"):
            chore()
    except Exception:  # a failing chore must not keep uploads from being processed
        logger.exception("the sweep could not %s", name)


def hand_back(app: Flask) -> None:
    """Release the files that this process works on, so that the next process need not wait until the leases expire."""
    with app.app_context(), _logging_database_errors("releasing unfinished files"):
        claims.release_all()


def record_shutdown(app: Flask) -> None:
    """Record that this process shuts down, so that its files do not count an interruption; log if that fails."""
    with app.app_context(), _logging_database_errors("recording the shutdown of this process"):
        claims.excuse_all()
