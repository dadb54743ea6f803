"""Guesses at secrets that people choose: wrong ones are counted, and where they are too many nothing is evaluated."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar

from limits import RateLimitItemPerMinute, WindowStats
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from app.errors import TooOften, WrongPassword

logger = logging.getLogger(__name__)

MINUTES = 15
TURNS = 64
AWAY_SECONDS = 10.0  # for which a store that did not answer is not asked
PATIENCE_SECONDS = 1.0

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Bound:
    """How many wrong guesses are evaluated within any MINUTES under one key."""

    name: str
    most: int
    key: str

    @property
    def counted(self) -> tuple[RateLimitItemPerMinute, str, str]:
        """What the library counts; the key may hold an address of a person, or be of any length, so it is digested."""
        return RateLimitItemPerMinute(self.most, MINUTES), self.name, sha256(self.key.encode()).hexdigest()[:32]


class FailOpenLimiter(MovingWindowRateLimiter):
    """A limiter whose store is across a network; it allows everything while the store does not answer."""

    _back_at = 0.0

    def test(self, *asked: Any, **more: Any) -> bool:
        """Whether a hit would stay within the limit."""
        return bool(self._unless_away(super().test, asked, more, otherwise=True))

    def hit(self, *asked: Any, **more: Any) -> bool:
        """Count a hit; return whether it stays within the limit."""
        return bool(self._unless_away(super().hit, asked, more, otherwise=True))

    def get_window_stats(self, *asked: Any) -> WindowStats:
        """When the window ends, and how many hits are left in it."""
        stats: WindowStats = self._unless_away(
            super().get_window_stats, asked, {}, otherwise=WindowStats(time.time() + MINUTES * 60, 0)
        )
        return stats

    def _unless_away(self, ask: Callable[..., Any], asked: Any, more: dict[str, Any], *, otherwise: Any) -> Any:
        if time.monotonic() < self._back_at:
            return otherwise
        try:
            return ask(*asked, **more)
        except StorageError as error:
            self._back_at = time.monotonic() + AWAY_SECONDS
            logger.warning("the store of the limits does not answer, so each process counts alone: %s", error)
            return otherwise


class Guesses:
    """Counts in the memory of this process, and in a shared store where there is one: what either refuses is refused.

    So a store that is away neither lets guesses through nor keeps anybody out.
    """

    def __init__(self, stores: Sequence[MovingWindowRateLimiter]) -> None:
        self._stores = stores
        self._turns = [threading.Lock() for _ in range(TURNS)]

    def require(self, *bounds: Bound) -> None:
        """Return while there is room under every bound; raises TooOften."""
        for store in self._stores:
            for bound in bounds:
                if not store.test(*bound.counted):
                    until = store.get_window_stats(*bound.counted).reset_time
                    raise TooOften("Too many wrong passwords.", until - time.time())

    def evaluate(self, guess: Callable[[], Answer], *bounds: Bound) -> Answer:
        """What a guess answers; nothing, or WrongPassword, counts. Raises TooOften in place of evaluating it.

        Guesses under one key are evaluated one after another: sent at once, none would know of the others.
        """
        with self._turns[hash(bounds[0].key) % TURNS]:
            self.require(*bounds)
            try:
                answer = guess()
            except WrongPassword:
                self._count(bounds)
                raise
            if not answer:
                self._count(bounds)
        return answer

    def _count(self, bounds: Sequence[Bound]) -> None:
        for store in self._stores:
            for bound in bounds:
                store.hit(*bound.counted)


def unlimited() -> Guesses:
    """One that counts nothing."""
    return Guesses([])


def counted(shared_url: str = "") -> Guesses:
    """One that counts here, and in a Redis besides if its address is given."""
    here = MovingWindowRateLimiter(MemoryStorage())
    if not shared_url:
        return Guesses([here])
    patience = {"socket_timeout": PATIENCE_SECONDS, "socket_connect_timeout": PATIENCE_SECONDS}
    shared: Any = storage_from_string(shared_url, wrap_exceptions=True, **patience)
    return Guesses([here, FailOpenLimiter(shared)])
