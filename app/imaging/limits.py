"""What one picture may cost: pixels, bytes, seconds, and the memory that all decodes of a process share."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from app.errors import ImageOutOfMemory, ImageTooLarge

MEGA = 1_000_000


class MemoryBudget:
    """Bytes that pictures being decoded may take together, whichever threads decode them."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.used = 0
        self._changed = threading.Condition()

    @contextmanager
    def reserve(self, amount: int, label: str, patience: float) -> Iterator[None]:
        """Hold `amount` bytes meanwhile, waiting up to `patience` seconds for others to give theirs back.

        Raises ImageTooLarge when it could never fit, ImageOutOfMemory when it did not fit in time.
        """
        self.take(amount, label, patience)
        try:
            yield
        finally:
            self.give_back(amount)

    def take(self, amount: int, label: str, patience: float) -> None:
        """Reserve `amount` bytes until `give_back`; raises as `reserve` does."""
        if amount > self.total:
            needed, limit = round(amount / MEGA), round(self.total / MEGA)
            raise ImageTooLarge(f"This {label} would take {needed} MB of memory to open; the limit is {limit} MB.")
        with self._changed:
            if not self._changed.wait_for(lambda: self.used + amount <= self.total, timeout=patience):
                raise ImageOutOfMemory("The server is busy with other large pictures; this one will be tried again.")
            self.used += amount

    def give_back(self, amount: int) -> None:
        """Release what `take` reserved."""
        with self._changed:
            self.used -= amount
            self._changed.notify_all()


# 1,000 MB lets one 71 megapixel HEIC (14 bytes a pixel) or three 45 megapixel PNGs decode at a time.
SHARED_BUDGET = MemoryBudget(1000 * MEGA)


@dataclass(frozen=True)
class Limits:
    """What is refused before any pixel is decoded, and when a decode is given up."""

    max_megapixels: float = 160
    max_side: int = 65_500
    max_megabytes: float = 1000
    max_frames: int = 10_000
    max_seconds: float = 30
    budget: MemoryBudget = field(default=SHARED_BUDGET, compare=False)


class Deadline:
    """A moment on the monotonic clock that a decode may not pass."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def remaining(self) -> float:
        """Seconds left, zero when it has passed."""
        return max(0.0, self._end - time.monotonic())

    @property
    def passed(self) -> bool:
        """Whether there is no time left."""
        return self.remaining == 0.0
