"""The pool in the web process: concurrency, duplicates, waiting and priorities."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time

import pytest

from app.jobs import pool as pool_module
from app.jobs.pool import InProcessQueue
from tests.jobs.works import NOTHING_DUE, NOTHING_HELD, PATIENCE, WORKERS, Works

# --- how many, and how often ---------------------------------------------------------------


def test_ten_uploads_at_once_stay_within_the_same_three(pool: InProcessQueue, works: Works) -> None:
    together = threading.Barrier(10, timeout=60)

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
def test_workers_run_at_lower_priority_than_requests() -> None:
    nice: list[int] = []
    pool = InProcessQueue(
        lambda _id, _variant: nice.append(os.getpriority(os.PRIO_PROCESS, 0)), NOTHING_DUE, NOTHING_HELD, WORKERS
    )
    pool.submit(1)
    pool.wait([1], PATIENCE)
    pool.close()
    assert nice == [os.getpriority(os.PRIO_PROCESS, 0) + pool_module.NICENESS]


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


def test_wait_for_unknown_jobs_returns_immediately(pool: InProcessQueue) -> None:
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
    with caplog.at_level(logging.ERROR, pool_module.__name__):
        for file_id in (*range(10), 10):  # more failures than there are workers
            pool.submit(file_id)
        works.until(lambda: works.finished == [10])
        pool.close()

    assert sorted(str(record.exc_info[1]) for record in caplog.records if record.exc_info) == [
        f"no luck with {file_id}" for file_id in range(10)
    ]


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


def test_background_job_is_moved_forward_once_a_request_waits_for_it(pool: InProcessQueue, works: Works) -> None:
    for file_id in range(WORKERS):
        pool.submit(file_id)
    pool.submit(8, background=True)
    pool.submit(9, background=True)
    pool.submit(9)
    works.release()
    pool.wait([9], PATIENCE)
    works.until(lambda: len(works.finished) == WORKERS + 2)
    assert works.started.index(9) < works.started.index(8)
