"""The counters of limits: in memory, and in a Redis that may be unavailable."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from uuid import uuid4

import pytest
from redis import Redis

from app.errors import TooOften
from app.extensions import limiter
from app.services.access import guesses
from app.services.access.guesses import Bound
from tests.security.apps import at, house
from tests.security.limits.asking import EMAIL, sign_in, statuses
from tests.support.celery_workers import redis_broker


def bound() -> tuple[Bound, ...]:
    return (Bound("test", 20, str(uuid4())),)


def evaluated(counting: guesses.Guesses, bounds: tuple[Bound, ...], times: int) -> int:
    """The number of wrong guesses that were evaluated."""
    seen = []
    for _ in range(times):
        with suppress(TooOften):
            counting.evaluate(lambda: bool(seen.append(1)), *bounds)
    return len(seen)


def test_unreachable_redis_keeps_limits_and_locks_no_one_out() -> None:
    with closing(socket.socket()) as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        counting, bounds = guesses.counted(f"redis://127.0.0.1:{nobody.getsockname()[1]}/0"), bound()
        assert evaluated(counting, bounds, 100) == 20
        assert counting.evaluate(lambda: "in", *bound()) == "in"


def test_silent_redis_delays_only_the_first_request_by_a_second() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        counting, start = guesses.counted(f"redis://127.0.0.1:{silent.getsockname()[1]}/0"), time.monotonic()
        assert evaluated(counting, bound(), 100) == 20
        assert time.monotonic() - start < 8


def test_app_without_reachable_redis_answers_and_counts(tmp_path: Path, hashes: list[str]) -> None:
    with closing(socket.socket()) as nobody:
        nobody.bind(("127.0.0.1", 0))
        with house(tmp_path, RATE_LIMIT_URL=f"redis://127.0.0.1:{nobody.getsockname()[1]}/0") as app:
            limiter._storage_dead = False
            client = at(app, "192.0.2.1")
            assert statuses(lambda _: sign_in(client, EMAIL), 22) == [401] * 20 + [429] * 2
            assert statuses(lambda n: client.get(f"/s/{n}"), 22) == [404] * 20 + [429] * 2
            limiter._storage_dead = False


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    """The URL of a Redis for this test."""
    with redis_broker() as url:
        yield url


def test_processes_sharing_a_redis_count_together_and_across_restarts(redis_url: str) -> None:
    one, two, bounds = guesses.counted(redis_url), guesses.counted(redis_url), bound()
    assert evaluated(one, bounds, 12) + evaluated(two, bounds, 12) == 20
    assert evaluated(guesses.counted(redis_url), bounds, 5) == 0
    with pytest.raises(TooOften) as refused:
        two.require(*bounds)
    assert 800 < refused.value.retry_after <= 900
    with Redis.from_url(redis_url) as client:
        assert all(client.ttl(key) > 0 for key in client.scan_iter())


def test_redis_that_is_full_does_not_let_guesses_through(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        client.config_set("maxmemory", "1")
        try:
            assert evaluated(guesses.counted(redis_url), bound(), 100) == 20
        finally:
            client.config_set("maxmemory", "0")


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, "memory://"),
        ({"QUEUE_URL": "redis://queue:6379/0"}, "redis://queue:6379/0"),
        ({"QUEUE_URL": "rediss://queue:6379/0"}, "memory://"),
        ({"QUEUE_URL": "amqp://queue"}, "memory://"),
        ({"QUEUE_URL": "redis://queue:6379/0", "RATE_LIMIT_URL": "redis://own:6379/1"}, "redis://own:6379/1"),
    ],
)
def test_limits_are_kept_in_redis_where_there_is_one(given: dict[str, str], url: str) -> None:
    from app import _flask_settings, config

    assert _flask_settings(config.load({"SECRET_KEY": "only for tests", **given}))["RATELIMIT_STORAGE_URI"] == url


def test_hanging_redis_times_out_after_a_second() -> None:
    shared = guesses.counted("redis://127.0.0.1:1/0")._stores[1].storage.storage  # type: ignore[attr-defined]
    given = shared.connection_pool.connection_kwargs
    assert (given["socket_timeout"], given["socket_connect_timeout"]) == (1.0, 1.0)
