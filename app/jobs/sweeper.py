"""Regular search for due files, used by both queues."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)

Run = Callable[[int, str | None], None]
Sweep = Callable[[int], list[tuple[int, bool]]]  # limit -> (file id, whether in the background)

SWEEP_SECONDS = 5.0
BACKLOG = 200  # ids in memory; the others stay in the database


class Sweeper:
    """A thread that submits the files that the database lists as due, every SWEEP_SECONDS."""

    def __init__(self, sweep: Sweep, submit: Callable[[int, bool], None], room: Callable[[], int]) -> None:
        self._sweep, self._submit, self._room = sweep, submit, room
        self._stopping = threading.Event()

    def start(self) -> None:
        """Start the daemon thread."""
        threading.Thread(target=self._run, name="sweeper", daemon=True).start()

    def stop(self) -> None:
        """Stop the thread after the current sweep."""
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
        except Exception:  # a failing database or broker must not end the thread; the next sweep retries
            logger.exception("the sweep could not submit the due files")
