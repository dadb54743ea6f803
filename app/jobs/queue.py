"""How work is handed over: the protocol, and the pool inside the web process."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Protocol

logger = logging.getLogger(__name__)

Job = tuple[int, str | None]  # a file, and the variant of it that is wanted; None: those that every picture has
Run = Callable[[int, str | None], None]
Sweep = Callable[[int], list[tuple[int, bool]]]  # room -> file ids, and whether in the background

SWEEP_SECONDS = 5.0
NICENESS = 10
GRACE_SECONDS = 20.0  # below gunicorn's graceful_timeout, so that there is time left to hand back
BACKLOG = 200  # ids held in memory; the rest waits in the database


class Queue(Protocol):
    """Takes file ids; the database, not the queue, knows what remains to be done."""

    def submit(self, file_id: int, variant: str | None = None, *, background: bool = False) -> None:
        """Hand over a file, or one variant of it that is made on demand; what is in the background waits its turn."""
        ...

    def wait(self, file_ids: Iterable[int], timeout_seconds: float, variant: str | None = None) -> None:
        """Return when this process has finished with these, or after the timeout."""
        ...

    def start(self) -> None:
        """Begin to work, and to look for what is due."""
        ...

    def leave(self) -> None:
        """Take no more: this process was told to end, and what is interrupted from now on is not to blame."""
        ...

    def close(self) -> None:
        """End within GRACE_SECONDS; what is unfinished stays due."""
        ...


class Sweeper:
    """A thread that hands over, again and again, what the database says is due."""

    def __init__(self, sweep: Sweep, submit: Callable[[int, bool], None], room: Callable[[], int]) -> None:
        self._sweep, self._submit, self._room = sweep, submit, room
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin, in a daemon thread."""
        threading.Thread(target=self._run, name="sweeper", daemon=True).start()

    def stop(self) -> None:
        """End after the present round."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._once()
            self._stopping.wait(SWEEP_SECONDS)

    def _once(self) -> None:
        room = self._room()
        if room <= 0:
            return
        try:
            for file_id, background in self._sweep(room):
                self._submit(file_id, background)
        except Exception:  # a database or broker that fails must not end the sweeper; the next round tries again
            logger.exception("the sweep could not hand over what is due")


def _step_back() -> None:
    """Give this thread less of the processor than those that answer requests, where threads can have that (Linux)."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


class InProcessQueue:
    """A pool of threads, made on first use after any fork, and a sweeper that hands it what the database knows."""

    def __init__(
        self,
        run: Run,
        sweep: Sweep,
        hand_back: Callable[[], None],
        workers: int,
        excuse: Callable[[], None] = lambda: None,
    ) -> None:
        self._run, self._sweep, self._hand_back, self._workers = run, sweep, hand_back, workers
        self._excuse = excuse
        self._reset()

    def _reset(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._futures: dict[Job, Future[None]] = {}
        self._background: dict[Job, None] = {}  # in order, each once
        self._behind: set[Job] = set()  # those of the futures that are background jobs
        self._executor: ThreadPoolExecutor | None = None
        self._stopping = threading.Event()
        self._sweeper = Sweeper(self._sweep, self._swept, lambda: BACKLOG - len(self._futures))

    def start(self) -> None:
        """Make the pool and the sweeper, once a process: threads do not survive a fork."""
        if self._process != os.getpid():
            self._reset()
        with self._lock:
            if self._executor is None and not self._stopping.is_set():
                self._executor = ThreadPoolExecutor(self._workers, "variants", initializer=_step_back)
                self._sweeper.start()

    def submit(self, file_id: int, variant: str | None = None, *, background: bool = False) -> None:
        """Queue the job unless it is queued or running here already; background jobs run only while all else rests."""
        self.start()
        job = (file_id, variant)
        if background:
            with self._lock:
                if len(self._background) < BACKLOG:
                    self._background.setdefault(job)
        else:
            self._begin(job)
        self._use_idleness()

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
                self._behind.add(job)
        future.add_done_callback(lambda done: self._finished(job, done))

    def _use_idleness(self) -> None:
        """Begin a background job if nothing else is queued or running, and a worker stays free for the next upload."""
        with self._lock:
            idle = len(self._futures) == len(self._behind) < max(1, self._workers - 1)
            job = next(iter(self._background), None) if idle else None
        if job is not None:
            self._begin(job, background=True)

    def wait(self, file_ids: Iterable[int], timeout_seconds: float, variant: str | None = None) -> None:
        """Return when these are finished here, or after the timeout."""
        jobs = [(file_id, variant) for file_id in file_ids]
        with self._lock:
            futures = [self._futures[job] for job in jobs if job in self._futures]
        wait(futures, timeout=timeout_seconds)

    def leave(self) -> None:
        """Take no more, drop what has not begun (the database still has it), and excuse what runs.

        A supervisor may kill this process before `close` has handed anything back.
        """
        with self._lock:
            has_left, executor = self._stopping.is_set(), self._executor
            self._stopping.set()
        self._sweeper.stop()
        if executor is not None and not has_left:
            executor.shutdown(wait=False, cancel_futures=True)
            self._excuse()

    def close(self) -> None:
        """Leave, and wait for what runs; what is not finished within GRACE_SECONDS is handed back."""
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
            self._behind.discard(job)
        if future.cancelled():
            future.set_running_or_notify_cancel()  # a shutdown cancels without a word to those who wait
        elif (error := future.exception()) is not None:
            logger.error("processing file %s ended unexpectedly", job[0], exc_info=error)
        self._use_idleness()
