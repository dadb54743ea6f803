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

SWEEP_SECONDS = 5.0
NICENESS = 10
BACKLOG = 200  # ids held in memory; the rest waits in the database


class Queue(Protocol):
    """Takes file ids; the database, not the queue, knows what remains to be done."""

    def submit(self, file_id: int) -> None:
        """Hand one file over; returns at once."""
        ...

    def wait(self, file_ids: Iterable[int], timeout_seconds: float) -> None:
        """Return when this process has finished with these files, or after the timeout."""
        ...


def _step_back() -> None:
    """Give this thread less of the processor than those that answer requests, where threads can have that (Linux)."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


class InProcessQueue:
    """A pool of threads, made on first use after any fork, and a sweeper that hands it what the database knows."""

    def __init__(self, run: Callable[[int], None], due: Callable[[int], list[int]], workers: int) -> None:
        self._run, self._due, self._workers = run, due, workers
        self._reset()

    def _reset(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._futures: dict[int, Future[None]] = {}
        self._executor: ThreadPoolExecutor | None = None
        self._stopping = threading.Event()

    def start(self) -> None:
        """Make the pool and the sweeper, once a process: threads do not survive a fork."""
        if self._process != os.getpid():
            self._reset()
        with self._lock:
            if self._executor is None and not self._stopping.is_set():
                self._executor = ThreadPoolExecutor(self._workers, "variants", initializer=_step_back)
                threading.Thread(target=self._sweep_forever, name="sweeper", daemon=True).start()

    def submit(self, file_id: int) -> None:
        """Queue the file unless it is queued or running here already."""
        self.start()
        with self._lock:
            if self._executor is None or file_id in self._futures or self._stopping.is_set():
                return
            future = self._executor.submit(self._run, file_id)
            self._futures[file_id] = future
        future.add_done_callback(lambda done: self._finished(file_id, done))

    def wait(self, file_ids: Iterable[int], timeout_seconds: float) -> None:
        """Return when these files are finished here, or after the timeout."""
        with self._lock:
            futures = [self._futures[file_id] for file_id in file_ids if file_id in self._futures]
        wait(futures, timeout=timeout_seconds)

    def close(self) -> None:
        """Take no more, drop what has not begun (the database still has it), and wait for what runs."""
        self._stopping.set()
        with self._lock:
            executor = self._executor
        if executor is not None:
            executor.shutdown(wait=True, cancel_futures=True)

    def _finished(self, file_id: int, future: Future[None]) -> None:
        with self._lock:
            self._futures.pop(file_id, None)
        if future.cancelled():
            future.set_running_or_notify_cancel()  # a shutdown cancels without a word to those who wait
        elif (error := future.exception()) is not None:
            logger.error("processing file %s ended unexpectedly", file_id, exc_info=error)

    def _sweep_forever(self) -> None:
        while not self._stopping.is_set():
            self._sweep()
            self._stopping.wait(SWEEP_SECONDS)

    def _sweep(self) -> None:
        room = BACKLOG - len(self._futures)
        if room <= 0:
            return
        try:
            ids = self._due(room)
        except Exception:  # a locked or absent database must not end the sweeper; the next round tries again
            logger.exception("the sweep could not read what is due")
            return
        for file_id in ids:
            self.submit(file_id)
