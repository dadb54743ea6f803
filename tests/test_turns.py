"""Requests take turns: one runs at a time, unless it has a body, has its response, or is slow."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from app.turns import Turns

WAIT_SECONDS = 20  # for another thread, however slow the machine
NO_BODY: dict[str, Any] = {"REQUEST_METHOD": "GET"}
BODIES = [{"CONTENT_LENGTH": "9"}, {"HTTP_TRANSFER_ENCODING": "chunked"}]


def _answers(_environ: Any, _start: Any) -> Iterable[bytes]:
    return [b"answered"]


@contextmanager
def _threads() -> Iterator[Callable[..., Future[Any]]]:
    with ThreadPoolExecutor(max_workers=20) as pool:
        yield pool.submit


def _ask(application: Turns, **more: str) -> bytes:
    return b"".join(application({**NO_BODY, **more}, lambda *_: None))


class _Held:
    """An application whose first request waits until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.let_go = threading.Event()

    def __call__(self, _environ: Any, _start: Any) -> Iterable[bytes]:
        if not self.begun.is_set():
            self.begun.set()
            assert self.let_go.wait(WAIT_SECONDS)
        return [b"answered"]


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.turns.PATIENCE_SECONDS", 2 * WAIT_SECONDS)


@pytest.mark.usefixtures("patient")
def test_requests_run_one_at_a_time() -> None:
    running, most = [0], [0]

    def counted(_environ: Any, _start: Any) -> Iterable[bytes]:
        running[0] += 1
        most[0] = max(most[0], running[0])
        time.sleep(0.002)  # lets the others in if they may
        running[0] -= 1
        return [b"answered"]

    turns = Turns(counted)
    with _threads() as submit:
        asked = [submit(_ask, turns) for _ in range(20)]
        assert [request.result(WAIT_SECONDS) for request in asked] == 20 * [b"answered"]
    assert most == [1]


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("body", BODIES)
def test_request_with_a_body_takes_no_turn(body: dict[str, str]) -> None:
    held = _Held()
    turns = Turns(held)
    with _threads() as submit:
        first = submit(_ask, turns)
        assert held.begun.wait(WAIT_SECONDS)
        assert submit(_ask, turns, **body).result(WAIT_SECONDS) == b"answered"
        held.let_go.set()
        assert first.result(WAIT_SECONDS) == b"answered"


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("body", BODIES)
def test_upload_delays_nobody(body: dict[str, str]) -> None:
    held = _Held()
    turns = Turns(held)
    with _threads() as submit:
        upload = submit(_ask, turns, **body)
        assert held.begun.wait(WAIT_SECONDS)
        assert submit(_ask, turns).result(WAIT_SECONDS) == b"answered"
        held.let_go.set()
        assert upload.result(WAIT_SECONDS) == b"answered"


def test_slow_request_lets_others_run() -> None:
    held = _Held()
    turns = Turns(held)
    with _threads() as submit:
        slow = submit(_ask, turns)
        assert held.begun.wait(WAIT_SECONDS)
        others = [submit(_ask, turns) for _ in range(5)]
        assert [other.result(WAIT_SECONDS) for other in others] == 5 * [b"answered"]
        held.let_go.set()
        assert slow.result(WAIT_SECONDS) == b"answered"
    assert _ask(turns) == b"answered"


def test_many_slow_requests_all_run() -> None:
    waiting = threading.Barrier(10)

    def slow(_environ: Any, _start: Any) -> Iterable[bytes]:
        waiting.wait(WAIT_SECONDS)
        return [b"answered"]

    turns = Turns(slow)
    with _threads() as submit:
        asked = [submit(_ask, turns) for _ in range(10)]
        assert [request.result(WAIT_SECONDS) for request in asked] == 10 * [b"answered"]


@pytest.mark.usefixtures("patient")
def test_sending_is_not_part_of_a_turn() -> None:
    turns = Turns(lambda *_: iter([b"first", b"second"]))
    unfinished = iter(turns(NO_BODY, lambda *_: None))
    assert next(unfinished) == b"first"
    with _threads() as submit:
        assert submit(_ask, turns).result(WAIT_SECONDS) == b"firstsecond"


@pytest.mark.usefixtures("patient")
def test_turn_ends_with_an_exception() -> None:
    failing: list[Callable[..., Iterable[bytes]]] = [_answers]

    def fails_once(environ: Any, start: Any) -> Iterable[bytes]:
        if failing:
            failing.pop()
            raise LookupError("no such page")
        return _answers(environ, start)

    turns = Turns(fails_once)
    with pytest.raises(LookupError, match="no such page"):
        _ask(turns)
    with _threads() as submit:
        assert submit(_ask, turns).result(WAIT_SECONDS) == b"answered"


@pytest.mark.usefixtures("patient")
def test_turn_that_was_passed_on_is_not_ended_twice() -> None:
    """A slow request that finishes must not end the turn of the request after it."""
    turns = Turns(_answers)
    with turns._alone():
        turns._end(turns._holder)  # as the watcher does
        assert turns._turn.acquire(blocking=False)
        turns._holder = object()
    assert turns._turn.locked()
