"""Work for the pool that a test holds and releases."""

from __future__ import annotations

import threading
from collections.abc import Callable

from app.jobs.sweeper import Sweep

PATIENCE = 20.0  # seconds after which a test that hangs becomes a test that fails
WORKERS = 3
Found = list[tuple[int, bool]]
NOTHING_DUE: Sweep = lambda _room: []  # noqa: E731
NOTHING_HELD: Callable[[], None] = lambda: None  # noqa: E731


class Works:
    """A `run` that counts its simultaneous calls and blocks them until `release`."""

    def __init__(self, *, held: bool = True) -> None:
        self.changed = threading.Condition()
        self.started: list[int] = []
        self.finished: list[int] = []
        self.most = 0
        self._let_go = threading.Event()
        if not held:
            self._let_go.set()

    def run(self, file_id: int, _variant: str | None = None) -> None:
        """Work on a file until `release`."""
        with self.changed:
            self.started.append(file_id)
            self.most = max(self.most, len(self.started) - len(self.finished))
            self.changed.notify_all()
        assert self._let_go.wait(PATIENCE)
        with self.changed:
            self.finished.append(file_id)
            self.changed.notify_all()

    def release(self) -> None:
        """Let everything finish, now and later."""
        self._let_go.set()

    def until(self, condition: Callable[[], bool]) -> None:
        """Return as soon as the condition holds; fail if it never does."""
        with self.changed:
            assert self.changed.wait_for(condition, PATIENCE), (self.started, self.finished)
