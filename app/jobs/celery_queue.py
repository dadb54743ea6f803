"""Queue that sends jobs to Celery workers; imported only if QUEUE_URL is set."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable

from celery import Celery
from kombu.exceptions import OperationalError

from app.jobs.sweeper import BACKLOG, Run, Sweep, Sweeper
from app.services.queue import Job

logger = logging.getLogger(__name__)

UPLOADS, BACKFILL = "uploads", "backfill"
TASK = "proofsheet.process"
POLL_SECONDS = 0.1
# A file still due after this time is sent again: its worker may have been killed, and Redis redelivers such a message
# only after an hour. Duplicates are few (BACKLOG a sweep), and claims make them harmless.
RESUBMIT_SECONDS = 30.0


class CeleryQueue:
    """Sends jobs (file ids) to a broker; web process and workers share only the database and the store."""

    def __init__(self, url: str, run: Run, sweep: Sweep, is_settled: Callable[[Job], bool]) -> None:
        self.celery = celery_app(url, run)
        self._is_settled = is_settled
        self._lock = threading.Lock()
        self._sent: OrderedDict[int, float] = OrderedDict()  # file id -> time sent, latest last
        self._sweeper = Sweeper(sweep, self._submit_again, lambda: BACKLOG)
        self._started = False

    def start(self) -> None:
        """Start the sweeper, once."""
        with self._lock:
            if self._started:
                return
            self._started = True
        self._sweeper.start()

    def submit(self, file_id: int, variant: str | None = None, *, background: bool = False) -> None:
        """Send the job; if the broker is unavailable, log a warning and leave the file to a later sweep."""
        try:
            self.celery.send_task(TASK, (file_id, variant), queue=BACKFILL if background else UPLOADS)
        except OperationalError as error:
            logger.warning("the broker did not accept file %s: %s; the sweep will retry", file_id, error)
            return
        if variant is None:  # the sweep submits whole files only
            self._remember(file_id)

    def _submit_again(self, file_id: int, background: bool) -> None:
        with self._lock:
            self._forget_old()
            is_on_its_way = file_id in self._sent
        if not is_on_its_way:
            self.submit(file_id, background=background)

    def _remember(self, file_id: int) -> None:
        with self._lock:
            self._sent[file_id] = time.monotonic()
            self._sent.move_to_end(file_id)
            self._forget_old()

    def _forget_old(self) -> None:
        horizon = time.monotonic() - RESUBMIT_SECONDS
        while self._sent and next(iter(self._sent.values())) <= horizon:
            self._sent.popitem(last=False)

    def wait(self, file_ids: Iterable[int], timeout_seconds: float, variant: str | None = None) -> None:
        """Poll the database until these files are finished or the timeout is over."""
        deadline = time.monotonic() + timeout_seconds
        jobs = [(file_id, variant) for file_id in file_ids]
        while jobs and time.monotonic() < deadline:
            jobs = [job for job in jobs if not self._is_settled(job)]
            if jobs:
                time.sleep(min(POLL_SECONDS, timeout_seconds))

    def leave(self) -> None:
        """Stop the sweeper; running jobs belong to other processes."""
        self._sweeper.stop()

    def close(self) -> None:
        """Stop the sweeper; sent jobs stay with the broker."""
        self._sweeper.stop()


def celery_app(url: str, run: Run) -> Celery:
    """Return the Celery application: late acknowledgement, one job per process, uploads before backfill."""
    celery = Celery("proofsheet", broker=url)
    celery.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_default_queue=UPLOADS,
        worker_prefetch_multiplier=1,
        worker_concurrency=3,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=2.0,
        task_publish_retry_policy={"max_retries": 1, "interval_start": 0.1},
        broker_transport_options={"queue_order_strategy": "priority", "socket_connect_timeout": 2.0},
    )

    @celery.task(name=TASK)  # type: ignore[untyped-decorator]
    def process(file_id: int, variant: str | None = None) -> None:
        run(file_id, variant)

    return celery
