"""Limits on guesses while the store that processes share does not answer."""

from __future__ import annotations

from typing import Any

import pytest
from limits.errors import StorageError
from limits.storage import MemoryStorage

from app.errors import TooOften, WrongPassword
from app.services.access import guesses
from app.services.access.guesses import Bound, FailOpenLimiter

BOUND = Bound("test", 2, "visitor")


class Clock:
    """Time that passes only when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def time(self) -> float:
        """Return the time of day."""
        return self.now

    def monotonic(self) -> float:
        """Return the same time."""
        return self.now


class Away(MemoryStorage):
    """A store that does not answer, and counts how often it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def acquire_entry(self, *_arguments: Any, **_named: Any) -> bool:
        """Refuse to count a hit."""
        self.asked += 1
        raise StorageError(ConnectionError("away"))

    def get_moving_window(self, *_arguments: Any, **_named: Any) -> tuple[float, int]:
        """Refuse to tell the hits."""
        self.asked += 1
        raise StorageError(ConnectionError("away"))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the limits."""
    clock = Clock()
    monkeypatch.setattr(guesses, "time", clock)
    return clock


def test_store_that_does_not_answer_allows_everything(clock: Clock) -> None:
    store = Away()
    for method in ("test", "hit"):
        assert getattr(FailOpenLimiter(store), method)(*BOUND.limiter_arguments) is True
    stats = FailOpenLimiter(store).get_window_stats(*BOUND.limiter_arguments)
    assert (stats.reset_time, stats.remaining) == (clock.now + 15 * 60, 0)
    assert store.asked == 3


@pytest.mark.parametrize(("seconds", "asked"), [(0.0, 1), (9.5, 1), (10.0, 2)])
def test_store_that_did_not_answer_is_left_alone_for_ten_seconds(clock: Clock, seconds: float, asked: int) -> None:
    store = Away()
    limiter = FailOpenLimiter(store)
    limiter.hit(*BOUND.limiter_arguments)
    clock.now += seconds
    assert limiter.hit(*BOUND.limiter_arguments)
    assert store.asked == asked


def wrong() -> bool:
    raise WrongPassword("password")


def test_wrong_guess_counts_whether_it_is_returned_or_raised() -> None:
    counting = guesses.counted()
    assert counting.evaluate(lambda: False, BOUND) is False
    with pytest.raises(WrongPassword):
        counting.evaluate(wrong, BOUND)
    with pytest.raises(TooOften):
        counting.evaluate(lambda: True, BOUND)


def test_right_guess_is_returned_and_does_not_count() -> None:
    counting = guesses.counted()
    assert [counting.evaluate(lambda: "in", BOUND) for _ in range(3)] == ["in"] * 3


def test_nothing_is_counted_without_limits() -> None:
    counting = guesses.unlimited()
    assert [counting.evaluate(lambda: False, BOUND) for _ in range(3)] == [False] * 3
