"""Requests without a body run one at a time, which costs less than running them side by side.

Python runs one thread at a time, and threads that compete for it cost more than the work: 64 requests at once took 1.5
times the CPU of 64 in turn for a thumbnail, and 5 times for the state of a collection. Sending the response is not part
of a turn, so that a client that reads slowly delays nobody.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATIENCE_SECONDS = 0.05  # a request that runs for longer waits for a store or a lock rather than for the CPU


class Turns:
    """WSGI middleware that lets the next request begin when the one before has its response, or is slow."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._turn = threading.Lock()
        self._guard = threading.Lock()  # of the three below
        self._holder: object | None = None
        self._waiting = 0
        self._contended = threading.Event()
        threading.Thread(target=self._watch, name="turns", daemon=True).start()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request; one with a body takes no turn, since others would wait for its client."""
        if environ.get("CONTENT_LENGTH") or environ.get("HTTP_TRANSFER_ENCODING"):
            return self._application(environ, start_response)
        with self._alone():
            return self._application(environ, start_response)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._turn.acquire(blocking=False):
            self._wait()
        self._holder = holder = object()
        try:
            yield
        finally:
            self._end(holder)

    def _wait(self) -> None:
        with self._guard:
            self._waiting += 1
            self._contended.set()
        self._turn.acquire()
        with self._guard:
            self._waiting -= 1

    def _end(self, holder: object | None) -> None:
        """End a turn, unless it has ended."""
        with self._guard:
            if holder is not None and self._holder is holder:
                self._holder = None
                self._turn.release()

    def _watch(self) -> None:
        """End the turn of a request that others wait for and that has not finished in PATIENCE_SECONDS."""
        while self._contended.wait():
            holder = self._holder
            time.sleep(PATIENCE_SECONDS)
            self._end(holder)
            with self._guard:
                if not self._waiting:
                    self._contended.clear()
