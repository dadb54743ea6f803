"""The pool inside the web process: how many run at once, what runs twice, and what its end leaves behind."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from app.jobs import queue as queue_module
from app.jobs.queue import InProcessQueue, Sweep

PATIENCE = 20.0  # seconds after which a test that hangs becomes a test that fails
WORKERS = 3
Found = list[tuple[int, bool]]
NOTHING_DUE: Sweep = lambda _room: []  # noqa: E731
NOTHING_HELD: Callable[[], None] = lambda: None  # noqa: E731


class Works:
    """A `run` that counts how many are inside at once, and holds them there until it is told to let go."""

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


@pytest.fixture
def works() -> Works:
    """Work that is held until it is released."""
    return Works()


@pytest.fixture
def pool(works: Works) -> Iterator[InProcessQueue]:
    """The pool over `works`, with nothing due; closed afterwards."""
    pool = InProcessQueue(works.run, NOTHING_DUE, NOTHING_HELD, WORKERS)
    yield pool
    works.release()
    pool.close()


# --- how many, and how often ---------------------------------------------------------------


def test_ten_uploads_at_once_stay_within_the_same_three(pool: InProcessQueue, works: Works) -> None:
    together = threading.Barrier(10)

    def upload(first_id: int) -> None:
        together.wait(PATIENCE)
        for file_id in range(first_id, first_id + 20):
            pool.submit(file_id)

    uploads = [threading.Thread(target=upload, args=(number * 100,)) for number in range(10)]
    for thread in uploads:
        thread.start()
    for thread in uploads:
        thread.join(PATIENCE)
    works.until(lambda: len(works.started) == WORKERS)
    works.release()
    works.until(lambda: len(works.finished) == 200)

    assert works.most == WORKERS
    assert len(set(works.started)) == 200


def test_a_file_that_is_queued_or_running_is_not_queued_again(pool: InProcessQueue, works: Works) -> None:
    for file_id in (1, 2, 3, 4, 4, 1, 1):
        pool.submit(file_id)
    works.until(lambda: len(works.started) == WORKERS)
    pool.submit(4)
    pool.submit(2)
    works.release()
    pool.wait([1, 2, 3, 4], PATIENCE)

    assert sorted(works.started) == [1, 2, 3, 4]


def test_a_file_that_is_done_can_be_submitted_again(pool: InProcessQueue, works: Works) -> None:
    works.release()
    for _ in range(2):
        pool.submit(1)
        pool.wait([1], PATIENCE)

    works.until(lambda: works.finished == [1, 1])


@pytest.mark.skipif(sys.platform != "linux", reason="threads have a priority of their own on Linux only")
def test_workers_step_back_behind_requests() -> None:
    nice: list[int] = []
    pool = InProcessQueue(
        lambda _id, _variant: nice.append(os.getpriority(os.PRIO_PROCESS, 0)), NOTHING_DUE, NOTHING_HELD, WORKERS
    )
    pool.submit(1)
    pool.wait([1], PATIENCE)
    pool.close()
    assert nice == [os.getpriority(os.PRIO_PROCESS, 0) + queue_module.NICENESS]


# --- waiting -------------------------------------------------------------------------------


def test_wait_returns_at_the_deadline(pool: InProcessQueue, works: Works) -> None:
    pool.submit(1)
    before = time.monotonic()
    pool.wait([1], 0.05)

    assert 0.05 <= time.monotonic() - before < PATIENCE / 2
    assert works.finished == []


def test_wait_returns_when_the_files_are_finished(pool: InProcessQueue, works: Works) -> None:
    pool.submit(1)
    works.until(lambda: works.started == [1])
    threading.Thread(target=works.release).start()
    pool.wait([1], PATIENCE)

    assert works.finished == [1]


def test_wait_for_what_is_not_here_returns_at_once(pool: InProcessQueue) -> None:
    before = time.monotonic()
    pool.wait([7, 8], PATIENCE)

    assert time.monotonic() - before < PATIENCE / 2


# --- failures ------------------------------------------------------------------------------


def test_a_failing_run_is_logged_and_the_pool_lives_on(caplog: pytest.LogCaptureFixture) -> None:
    works = Works(held=False)

    def run(file_id: int, _variant: str | None) -> None:
        if file_id < 10:
            raise ValueError(f"no luck with {file_id}")
        works.run(file_id)

    pool = InProcessQueue(run, NOTHING_DUE, NOTHING_HELD, WORKERS)
    with caplog.at_level(logging.ERROR, queue_module.__name__):
        for file_id in (*range(10), 10):  # more failures than there are workers
            pool.submit(file_id)
        works.until(lambda: works.finished == [10])
        pool.close()

    assert sorted(str(record.exc_info[1]) for record in caplog.records if record.exc_info) == [
        f"no luck with {file_id}" for file_id in range(10)
    ]


# --- the sweeper ---------------------------------------------------------------------------


def test_start_takes_up_what_is_due(works: Works) -> None:
    works.release()
    pool = InProcessQueue(
        works.run, lambda _room: [(5, False), (6, False), (7, False), (8, False)], NOTHING_HELD, WORKERS
    )
    pool.start()
    works.until(lambda: {5, 6, 7, 8} <= set(works.finished))
    pool.close()


def test_the_sweeper_survives_a_database_that_does_not(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, works: Works
) -> None:
    monkeypatch.setattr(queue_module, "SWEEP_SECONDS", 0.0)
    answers: Iterator[Callable[[], Found]] = iter([_locked, _locked, lambda: [(9, False)]])
    pool = InProcessQueue(works.run, lambda _room: next(answers, list)(), NOTHING_HELD, WORKERS)
    works.release()
    with caplog.at_level(logging.ERROR, queue_module.__name__):
        pool.start()
        works.until(lambda: works.finished == [9])
        pool.close()

    assert [record.message for record in caplog.records] == ["the sweep could not hand over what is due"] * 2


def test_the_sweeper_survives_what_it_hands_over_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "SWEEP_SECONDS", 0.0)
    again = threading.Event()
    takes: Iterator[Callable[[], object]] = iter([_locked, again.set])
    sweeper = queue_module.Sweeper(lambda _room: [(9, False)], lambda *_: next(takes, bool)(), lambda: 1)
    sweeper.start()
    assert again.wait(PATIENCE)
    sweeper.stop()


def _locked() -> Found:
    raise OSError("database is locked")


def test_the_sweeper_asks_for_no_more_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch, works: Works) -> None:
    monkeypatch.setattr(queue_module, "SWEEP_SECONDS", 0.0)
    monkeypatch.setattr(queue_module, "BACKLOG", 5)
    rooms: list[int] = []
    twice = threading.Event()

    def due(room: int) -> Found:
        rooms.append(room)
        if len(rooms) == 2:
            twice.set()
        return [(len(rooms) * 100 + number, False) for number in range(min(room, 3))]

    pool = InProcessQueue(works.run, due, NOTHING_HELD, WORKERS)
    pool.start()
    assert twice.wait(PATIENCE)
    works.release()
    pool.close()

    assert rooms[:2] == [5, 2]


# --- the end, and a new beginning ----------------------------------------------------------


def test_close_lets_running_finish_and_drops_the_rest(pool: InProcessQueue, works: Works) -> None:
    for file_id in range(10):
        pool.submit(file_id)
    works.until(lambda: len(works.started) == WORKERS)
    closing = threading.Thread(target=pool.close)
    closing.start()
    pool.wait(range(WORKERS, 10), PATIENCE)  # they are finished without having begun
    assert closing.is_alive()
    works.release()
    closing.join(PATIENCE)

    assert sorted(works.started) == sorted(works.finished) == [0, 1, 2]


def test_waiting_for_a_file_that_is_dropped_ends(pool: InProcessQueue, works: Works) -> None:
    for file_id in range(10):
        pool.submit(file_id)
    works.until(lambda: len(works.started) == WORKERS)
    waiting = threading.Thread(target=pool.wait, args=([9], PATIENCE))
    waiting.start()
    closing = threading.Thread(target=pool.close)
    closing.start()
    waiting.join(PATIENCE / 2)
    ended = not waiting.is_alive()
    works.release()
    closing.join(PATIENCE)

    assert ended


@pytest.mark.parametrize("used_before", [True, False])
def test_submit_after_close_is_ignored(pool: InProcessQueue, works: Works, used_before: bool) -> None:
    works.release()
    if used_before:
        pool.submit(1)
        pool.wait([1], PATIENCE)
    pool.close()
    pool.submit(2)
    pool.wait([2], PATIENCE)

    assert works.started == ([1] if used_before else [])


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")  # to fork with threads is the point
def test_a_fork_gets_a_pool_of_its_own(pool: InProcessQueue, works: Works) -> None:
    pool.submit(1)
    works.until(lambda: works.started == [1])
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _work_in_the_child(pool, works, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert told == b"2"
    works.release()
    pool.wait([1], PATIENCE)
    assert works.finished == [1]  # what the child did is not the parent's


def _work_in_the_child(pool: InProcessQueue, works: Works, writing: int) -> None:
    """Submit in a process that has the parent's pool object but none of its threads; never returns."""
    code = 1
    try:
        works.__init__(held=False)  # type: ignore[misc]  # its locks may be held by threads that are not here
        pool.submit(2)
        pool.wait([2], PATIENCE)
        os.write(writing, b"".join(str(file_id).encode() for file_id in works.finished))
        pool.close()
        code = 0
    finally:
        os._exit(code)


# --- the background ------------------------------------------------------------------------


def test_background_leaves_a_worker_free_for_the_next_upload(pool: InProcessQueue, works: Works) -> None:
    for file_id in range(10):
        pool.submit(file_id, "large", background=True)
    works.until(lambda: len(works.started) == WORKERS - 1)
    pool.submit(99)
    works.until(lambda: 99 in works.started)
    works.release()
    works.until(lambda: len(works.finished) == 11)


def test_background_waits_while_uploads_are_queued(pool: InProcessQueue, works: Works) -> None:
    for file_id in range(5):
        pool.submit(file_id)
    pool.submit(99, background=True)
    works.until(lambda: len(works.started) == WORKERS)
    works.release()
    works.until(lambda: len(works.finished) == 6)
    assert works.started[-1] == 99


def test_background_job_that_somebody_now_waits_for_comes_forward(pool: InProcessQueue, works: Works) -> None:
    for file_id in range(WORKERS):
        pool.submit(file_id)
    pool.submit(8, background=True)
    pool.submit(9, background=True)
    pool.submit(9)
    works.release()
    pool.wait([9], PATIENCE)
    works.until(lambda: len(works.finished) == WORKERS + 2)
    assert works.started.index(9) < works.started.index(8)
