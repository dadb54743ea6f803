"""The Celery queue without a broker: the jobs it sends, and its memory of sent jobs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.jobs import celery_queue
from app.jobs.celery_queue import BACKFILL, RESUBMIT_SECONDS, UPLOADS, CeleryQueue

Sent = list[tuple[tuple[int, str | None], str]]


@pytest.fixture
def queue() -> Iterator[CeleryQueue]:
    """A queue whose broker is in memory and has no workers."""
    queue = CeleryQueue("memory://", lambda _id, _variant: None, lambda _room: [], lambda _job: True)
    yield queue
    queue.close()


@pytest.fixture
def sent(queue: CeleryQueue, monkeypatch: pytest.MonkeyPatch) -> Sent:
    """The sent jobs, each with the name of its queue."""
    sent: Sent = []
    monkeypatch.setattr(queue.celery, "send_task", lambda _task, args, queue: sent.append((args, queue)))
    return sent


class Clock:
    """A monotonic clock that is put forward by hand."""

    seconds = 1000.0

    def monotonic(self) -> float:
        """The time now."""
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the queue."""
    clock = Clock()
    monkeypatch.setattr(celery_queue.time, "monotonic", clock.monotonic)
    return clock


def test_each_process_of_a_worker_holds_one_job_that_is_acknowledged_when_it_is_done(queue: CeleryQueue) -> None:
    conf = queue.celery.conf
    assert (conf.worker_prefetch_multiplier, conf.worker_concurrency) == (1, 3)
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost


def test_background_jobs_go_to_the_backfill_queue(queue: CeleryQueue, sent: Sent) -> None:
    queue.submit(1)
    queue.submit(2, background=True)
    queue.submit(3, "large", background=True)
    assert sent == [((1, None), UPLOADS), ((2, None), BACKFILL), ((3, "large"), BACKFILL)]


def test_recently_sent_job_is_not_sent_again_until_later(queue: CeleryQueue, sent: Sent, clock: Clock) -> None:
    queue.submit(1)
    clock.seconds += RESUBMIT_SECONDS - 1
    queue._submit_again(1, True)
    assert len(sent) == 1
    clock.seconds += 2
    queue._submit_again(1, True)
    queue._submit_again(1, True)
    assert len(sent) == 2


def test_sent_jobs_are_forgotten_even_if_nothing_is_due(queue: CeleryQueue, sent: Sent, clock: Clock) -> None:
    for file_id in range(10_000):
        queue.submit(file_id)
        queue.submit(file_id, "large", background=True)
        clock.seconds += 1
    assert len(sent) == 20_000
    assert len(queue._sent) <= RESUBMIT_SECONDS


def test_job_sent_twice_is_remembered_from_the_second_time(queue: CeleryQueue, sent: Sent, clock: Clock) -> None:
    queue.submit(1)
    queue.submit(2)
    clock.seconds += RESUBMIT_SECONDS - 1
    queue.submit(1)
    clock.seconds += 2
    queue._submit_again(1, False)
    queue._submit_again(2, False)
    assert [args[0] for args, _queue in sent] == [1, 2, 1, 2]
