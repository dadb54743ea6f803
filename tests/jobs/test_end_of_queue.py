"""The state that an ending pool leaves, and the state of a forked process."""

from __future__ import annotations

import os
import threading

import pytest

from app.jobs.pool import InProcessQueue
from tests.jobs.works import NOTHING_DUE, NOTHING_HELD, PATIENCE, WORKERS, Works


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


def test_leaving_pool_records_running_jobs_once_and_starts_no_more(works: Works) -> None:
    excused: list[list[int]] = []
    pool = InProcessQueue(
        works.run, NOTHING_DUE, NOTHING_HELD, WORKERS, record_shutdown=lambda: excused.append(sorted(works.started))
    )
    for file_id in range(5):
        pool.submit(file_id)
    works.until(lambda: len(works.started) == WORKERS)
    pool.leave()
    pool.submit(9)
    works.release()
    pool.close()

    assert excused == [[0, 1, 2]]
    assert sorted(works.finished) == [0, 1, 2]


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
def test_forked_process_gets_a_new_pool(pool: InProcessQueue, works: Works) -> None:
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
