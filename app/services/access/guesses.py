"""Limits on guessing passwords: wrong guesses are counted, and after too many no guess is evaluated."""

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
LOCKS = 64
PAUSE_SECONDS = 10.0  # without requests to a store that did not answer
TIMEOUT_SECONDS = 1.0

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Bound:
    """The number of wrong guesses allowed per key in a window of MINUTES."""

    name: str
    most: int
    key: str

    @property
    def limiter_arguments(self) -> tuple[RateLimitItemPerMinute, str, str]:
        """The arguments of a limiter; the key is hashed, because it may be long or contain an email address."""
        return RateLimitItemPerMinute(self.most, MINUTES), self.name, sha256(self.key.encode()).hexdigest()[:32]


class FailOpenLimiter(MovingWindowRateLimiter):
    """A limiter with a store across a network; it allows everything while the store does not answer."""

    _paused_until = 0.0

    def test(self, *args: Any, **kwargs: Any) -> bool:
        """Return whether one more hit would stay within the limit."""
        return bool(self._call(super().test, args, kwargs, otherwise=True))

    def hit(self, *args: Any, **kwargs: Any) -> bool:
        """Count a hit and return whether it stays within the limit."""
        return bool(self._call(super().hit, args, kwargs, otherwise=True))

    def get_window_stats(self, *args: Any) -> WindowStats:
        """Return the end of the window as a Unix time, and the number of hits left in it."""
        stats: WindowStats = self._call(
            super().get_window_stats, args, {}, otherwise=WindowStats(time.time() + MINUTES * 60, 0)
        )
        return stats

    def _call(self, method: Callable[..., Any], args: Any, kwargs: dict[str, Any], *, otherwise: Any) -> Any:
        if time.monotonic() < self._paused_until:
            return otherwise
        try:
            return method(*args, **kwargs)
        except StorageError as error:
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            logger.warning("the store of the rate limits does not answer, so each process counts separately: %s", error)
            return otherwise


class Guesses:
    """Counts wrong guesses in memory and, if configured, in a shared store; both must allow a guess.

    If the shared store does not answer, the counts in memory still apply.
    """

    def __init__(self, stores: Sequence[MovingWindowRateLimiter]) -> None:
        self._stores = stores
        self._locks = [threading.Lock() for _ in range(LOCKS)]

    def require(self, *bounds: Bound) -> None:
        """Raise TooOften if a bound has been reached."""
        for store in self._stores:
            for bound in bounds:
                if not store.test(*bound.limiter_arguments):
                    until = store.get_window_stats(*bound.limiter_arguments).reset_time
                    raise TooOften("Too many wrong passwords.", until - time.time())

    def evaluate(self, guess: Callable[[], Answer], *bounds: Bound) -> Answer:
        """Call `guess` and return its result; a falsy result or WrongPassword counts as wrong.

        Raises TooOften, without calling it, if a bound has been reached. Guesses under one key are evaluated one at a
        time, so that simultaneous requests cannot exceed a bound.
        """
        with self._locks[hash(bounds[0].key) % LOCKS]:
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
                store.hit(*bound.limiter_arguments)


def unlimited() -> Guesses:
    """Return Guesses without limits."""
    return Guesses([])


def counted(shared_url: str = "") -> Guesses:
    """Return Guesses counted in memory and, if its URL is given, also in Redis."""
    local = MovingWindowRateLimiter(MemoryStorage())
    if not shared_url:
        return Guesses([local])
    timeouts = {"socket_timeout": TIMEOUT_SECONDS, "socket_connect_timeout": TIMEOUT_SECONDS}
    shared: Any = storage_from_string(shared_url, wrap_exceptions=True, **timeouts)
    return Guesses([local, FailOpenLimiter(shared)])
