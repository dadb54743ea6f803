"""Limits of one decode (pixels, bytes, seconds) and the memory budget that all decodes of a process share."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Self

from app.errors import ImageOutOfMemory, ImageTooLarge

MEGA = 1_000_000


class Reservation:
    """Bytes of a budget that are reserved until `close`."""

    def __init__(self, budget: MemoryBudget, amount: int) -> None:
        self._budget, self._amount = budget, amount

    def reduce_to(self, amount: int) -> None:
        """Release what is reserved above `amount` bytes."""
        freed = max(0, self._amount - amount)
        self._amount -= freed
        self._budget.release(freed)

    def close(self) -> None:
        """Release all; a second call does nothing."""
        self.reduce_to(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()


class MemoryBudget:
    """A number of bytes that all threads together may reserve for pixels."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.used = 0
        self._changed = threading.Condition()

    def reserve(self, amount: int, label: str, timeout: float) -> Reservation:
        """Reserve `amount` bytes, waiting up to `timeout` seconds for them.

        Raises ImageTooLarge if `amount` is over the budget, ImageOutOfMemory if it was not free in time.
        """
        if amount > self.total:
            needed, limit = round(amount / MEGA), round(self.total / MEGA)
            raise ImageTooLarge(f"This {label} needs {needed} MB of memory to open; the limit is {limit} MB.")
        with self._changed:
            if not self._changed.wait_for(lambda: self.used + amount <= self.total, timeout=timeout):
                raise ImageOutOfMemory("The server is busy with other large photos. It will retry this one soon.")
            self.used += amount
        return Reservation(self, amount)

    def release(self, amount: int) -> None:
        """Make `amount` bytes of a reservation available to others."""
        with self._changed:
            self.used -= amount
            self._changed.notify_all()


# 1,000 MB is enough for one 71 megapixel HEIC (14 bytes a pixel) or three 45 megapixel PNGs at a time.
SHARED_BUDGET = MemoryBudget(1000 * MEGA)


@dataclass(frozen=True)
class Limits:
    """The limits of one decode; all but `max_seconds` are checked before pixels are decoded."""

    max_megapixels: float = 160
    max_side: int = 65_500
    max_megabytes: float = 1000
    max_frames: int = 10_000
    max_seconds: float = 30
    budget: MemoryBudget = field(default=SHARED_BUDGET, compare=False)


class Deadline:
    """The end of a time limit, on the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def remaining(self) -> float:
        """Seconds left; 0 after the deadline."""
        return max(0.0, self._end - time.monotonic())

    @property
    def passed(self) -> bool:
        """Whether no time is left."""
        return self.remaining == 0.0
