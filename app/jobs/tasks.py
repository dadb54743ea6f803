"""What a worker runs: ids in, one service call out."""

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

SWEEP_LEASE = timedelta(seconds=4)  # shorter than the pause between two sweeps of one process
AHEAD = "ahead"  # in place of a variant: those that are made when there is nothing else to do, and room
_budget = VariantBudget()
CHORES: dict[str, Callable[[], object]] = {
    "remove what was deleted": lambda: PurgeService().purge_due(),
    "remove abandoned uploads": lambda: AbandonedUploads().sweep(),
    "forget what was opened long ago": lambda: grants.delete_old(),
}


@contextmanager
def _telling(work: str) -> Iterator[None]:
    """Tell in one line of a database that is locked, full or away; what is due then is found by a later sweep."""
    try:
        with translating_errors():
            yield
    except DatabaseBusy as error:
        logger.error("%s: the database did not answer: %s", work, reason(error))  # noqa: TRY400  no traceback, one line


def run(app: Flask, file_id: int, variant: str | None = None) -> None:
    """Make the variants of a file that is due, or the one variant that is wanted; remove a deleted file for good."""
    with app.app_context(), _telling(f"processing file {file_id}"):
        if variant == AHEAD:
            _make_ahead(file_id)
        elif variant is not None:
            SingleVariant().make(file_id, variant)
            if variant == private_originals.NAME:
                Preparation(app.extensions[QUEUE]).continue_after(file_id)
        elif (outcome := ThumbnailService().process(file_id)) is not None and outcome.error is None:
            _ask_for_the_rest(app.extensions[QUEUE], file_id)
        else:
            PurgeService().purge_file(file_id)


def _ask_for_the_rest(queue: Queue, file_id: int) -> None:
    """What no upload waits for is made when the pool is idle."""
    queue.submit(file_id, AHEAD, background=True)
    Preparation(queue).continue_from(file_id)


def _make_ahead(file_id: int) -> None:
    """The variants that visitors ask for on large screens, where the collection has room for them."""
    for name in ON_DEMAND:
        if single.is_wanted(file_id, name) and _budget.reserve(file_id, name):
            SingleVariant().make(file_id, name)


def sweep(app: Flask, limit: int) -> list[tuple[int, bool]]:
    """Ids of files that wait for a worker, and whether in the background, after ending those past their last try.

    Leases that ran out are forgotten, and a short while of each round goes into removing what was deleted. Of several
    processes one at a time sweeps.
    """
    found: list[tuple[int, bool]] = []
    with app.app_context(), _telling("the sweep"):
        claims.release_broken_off()
        if leases.acquire("sweep", SWEEP_LEASE) is None:
            return found
        leases.sweep()
        processing.give_up_exhausted()
        for name, chore in CHORES.items():
            _try(name, chore)
        found += [(file_id, not fresh) for file_id, fresh in processing.due(limit)]
    return found


def is_settled(app: Flask, job: Job) -> bool:
    """Whether nobody needs to be waited for: the work is done, has failed, or waits for another attempt."""
    file_id, variant = job
    with app.app_context():
        if variant is not None:
            return not single.is_wanted(file_id, variant)
        return processing.is_at_rest(file_id)


def _try(name: str, chore: Callable[[], object]) -> None:
    try:
        with _telling(f"the sweep could not {name}"):
            chore()
    except Exception:  # whatever keeps the bin from being emptied must not keep uploads from being taken up
        logger.exception("the sweep could not %s", name)


def hand_back(app: Flask) -> None:
    """Return what this process is still working on, so that the next one need not wait for leases to run out."""
    with app.app_context(), _telling("handing back what is unfinished"):
        claims.release_all()


def excuse(app: Flask) -> None:
    """Note that this process was told to end; where the database does not answer, its end counts as an interruption."""
    with app.app_context(), _telling("noting that this process was told to end"):
        claims.excuse_all()
