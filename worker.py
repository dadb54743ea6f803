"""Entry point of Celery workers: `celery -A worker worker -Q uploads,backfill`."""

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
from app.services.queue import QUEUE

with boot.starting():
    application = create_app()
    queue = application.extensions[QUEUE]
    if not isinstance(queue, CeleryQueue):
        raise ConfigError("A worker needs QUEUE_URL, the address of the broker.")
    boot.require_database(application.config["DATABASE_URL"])
celery: Celery = queue.celery


@worker_process_init.connect  # type: ignore[untyped-decorator]
def _begin(**_: object) -> None:
    """Drop the database connections inherited from the parent, and start the sweeper in the first child process.

    The sweeper purges deleted files even while no web process runs. The parent cannot start it: threads do not
    survive a fork.
    """
    with application.app_context():
        db.engine.dispose(close=False)
    signal.signal(signal.SIGTERM, _end)
    if getattr(current_process(), "index", 0) == 0:
        queue.start()


def _end(*_: object) -> None:
    """Raise SystemExit, so that a running job is released; by default Celery ends its processes without cleanup."""
    sys.exit(0)
