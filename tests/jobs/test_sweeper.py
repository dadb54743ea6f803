"""The sweeper, which submits due jobs to the pool despite errors."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

import pytest

from app.jobs import pool as pool_module
from app.jobs import sweeper as sweeper_module
from app.jobs.pool import InProcessQueue
from tests.jobs.works import NOTHING_HELD, PATIENCE, WORKERS, Found, Works


def test_start_submits_due_jobs(works: Works) -> None:
    works.release()
    pool = InProcessQueue(
        works.run, lambda _room: [(5, False), (6, False), (7, False), (8, False)], NOTHING_HELD, WORKERS
    )
    pool.start()
    works.until(lambda: {5, 6, 7, 8} <= set(works.finished))
    pool.close()


def test_sweeper_survives_a_database_error(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, works: Works
) -> None:
    monkeypatch.setattr(sweeper_module, "SWEEP_SECONDS", 0.0)
    answers: Iterator[Callable[[], Found]] = iter([_locked, _locked, lambda: [(9, False)]])
    pool = InProcessQueue(works.run, lambda _room: next(answers, list)(), NOTHING_HELD, WORKERS)
    works.release()
    with caplog.at_level(logging.ERROR, sweeper_module.__name__):
        pool.start()
        works.until(lambda: works.finished == [9])
        pool.close()

    assert [record.message for record in caplog.records] == ["the sweep could not submit the due files"] * 2


def test_sweeper_survives_an_error_of_its_callback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeper_module, "SWEEP_SECONDS", 0.0)
    again = threading.Event()
    takes: Iterator[Callable[[], object]] = iter([_locked, again.set])
    sweeper = sweeper_module.Sweeper(lambda _room: [(9, False)], lambda *_: next(takes, bool)(), lambda: 1)
    sweeper.start()
    assert again.wait(PATIENCE)
    sweeper.stop()


def _locked() -> Found:
    raise OSError("database is locked")


def test_sweeper_requests_only_as_many_jobs_as_fit(monkeypatch: pytest.MonkeyPatch, works: Works) -> None:
    monkeypatch.setattr(sweeper_module, "SWEEP_SECONDS", 0.0)
    monkeypatch.setattr(pool_module, "BACKLOG", 5)
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
