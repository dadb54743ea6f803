"""Queue that processes jobs in a thread pool inside the web process."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from app.jobs.sweeper import BACKLOG, Run, Sweep, Sweeper
from app.services.queue import Job

logger = logging.getLogger(__name__)

NICENESS = 10
GRACE_SECONDS = 20.0  # below gunicorn's graceful_timeout, which leaves time to release unfinished files


def _lower_priority() -> None:
    """Lower the priority of this thread below the request threads; only Linux can do that per thread."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


class InProcessQueue:
    """A thread pool and a sweeper that submits due files to it; both are started on first use in each process."""

    def __init__(
        self,
        run: Run,
        sweep: Sweep,
        hand_back: Callable[[], None],
        workers: int,
        record_shutdown: Callable[[], None] = lambda: None,
    ) -> None:
        self._run, self._sweep, self._hand_back, self._workers = run, sweep, hand_back, workers
        self._record_shutdown = record_shutdown
        self._reset()

    def _reset(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._futures: dict[Job, Future[None]] = {}
        self._background: dict[Job, None] = {}  # an ordered set
        self._background_started: set[Job] = set()  # keys of _futures that are background jobs
        self._executor: ThreadPoolExecutor | None = None
        self._stopping = threading.Event()
        self._sweeper = Sweeper(self._sweep, self._swept, lambda: BACKLOG - len(self._futures))

    def start(self) -> None:
        """Create the pool and the sweeper, once per process: threads do not survive a fork."""
        if self._process != os.getpid():
            self._reset()
        with self._lock:
            if self._executor is None and not self._stopping.is_set():
                self._executor = ThreadPoolExecutor(self._workers, "variants", initializer=_lower_priority)
                self._sweeper.start()

    def submit(self, file_id: int, variant: str | None = None, *, background: bool = False) -> None:
        """Queue the job unless this process already has it; background jobs start only when the pool is idle."""
        self.start()
        job = (file_id, variant)
        if background:
            with self._lock:
                if len(self._background) < BACKLOG:
                    self._background.setdefault(job)
        else:
            self._begin(job)
        self._start_background_job()

    def _swept(self, file_id: int, background: bool) -> None:
        self.submit(file_id, background=background)

    def _begin(self, job: Job, *, background: bool = False) -> None:
        with self._lock:
            self._background.pop(job, None)
            if self._executor is None or job in self._futures or self._stopping.is_set():
                return
            future = self._executor.submit(self._run, *job)
            self._futures[job] = future
            if background:
                self._background_started.add(job)
        future.add_done_callback(lambda done: self._finished(job, done))

    def _start_background_job(self) -> None:
        """Start a background job if no other job is queued and one worker stays free for the next upload."""
        with self._lock:
            idle = len(self._futures) == len(self._background_started) < max(1, self._workers - 1)
            job = next(iter(self._background), None) if idle else None
        if job is not None:
            self._begin(job, background=True)

    def wait(self, file_ids: Iterable[int], timeout_seconds: float, variant: str | None = None) -> None:
        """Wait until these files are finished in this process or the timeout is over."""
        jobs = [(file_id, variant) for file_id in file_ids]
        with self._lock:
            futures = [self._futures[job] for job in jobs if job in self._futures]
        wait(futures, timeout=timeout_seconds)

    def leave(self) -> None:
        """Accept no more jobs, drop those not started (they stay due in the database), and call `record_shutdown`.

        `record_shutdown` is not left to `close`, because a supervisor may kill this process before that.
        """
        with self._lock:
            has_left, executor = self._stopping.is_set(), self._executor
            self._stopping.set()
        self._sweeper.stop()
        if executor is not None and not has_left:
            executor.shutdown(wait=False, cancel_futures=True)
            self._record_shutdown()

    def close(self) -> None:
        """Call `leave`, wait up to GRACE_SECONDS for running jobs, and release those that are unfinished."""
        self.leave()
        with self._lock:
            executor, running = self._executor, list(self._futures.values())
        if executor is None:
            return
        if wait(running, timeout=GRACE_SECONDS).not_done:
            self._hand_back()
        else:
            executor.shutdown(wait=True)

    def _finished(self, job: Job, future: Future[None]) -> None:
        with self._lock:
            self._futures.pop(job, None)
            self._background_started.discard(job)
        if future.cancelled():
            future.set_running_or_notify_cancel()  # shutdown() cancels without notifying wait()
        elif (error := future.exception()) is not None:
            logger.error("processing file %s ended unexpectedly", job[0], exc_info=error)
        self._start_background_job()
