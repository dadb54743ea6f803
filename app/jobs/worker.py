"""The entry point of Celery's workers: `celery -A app.jobs.worker worker -Q uploads,backfill`."""

from __future__ import annotations

import signal
import sys

from billiard.process import current_process
from celery import Celery
from celery.signals import worker_process_init

from app import boot, create_app
from app.errors import ConfigError
from app.extensions import db
from app.jobs.celery_queue import CeleryQueue

with boot.starting():
    application = create_app()
    queue = application.extensions["proofsheet.queue"]
    if not isinstance(queue, CeleryQueue):
        raise ConfigError("A worker needs QUEUE_URL, the address of the broker.")
    boot.require_database(application.config["DATABASE_URL"])
celery: Celery = queue.celery


@worker_process_init.connect  # type: ignore[untyped-decorator]
def _begin(**_: object) -> None:
    """Connect anew, and in the first process sweep: deleted files have to go even while no web process runs.

    A connection must not be shared with the process that this one was forked from, nor may that one have threads.
    """
    with application.app_context():
        db.engine.dispose(close=False)
    signal.signal(signal.SIGTERM, _end)
    if getattr(current_process(), "index", 0) == 0:
        queue.start()


def _end(*_: object) -> None:
    """Leave the work by an exception, which hands it back: Celery has its processes end without a word."""
    sys.exit(0)
