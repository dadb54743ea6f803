"""Work handed to Celery: real Redis, real workers, one of them killed, and a broker that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.celery_workers import PATIENCE, redis_broker, worker
from tests.support.pictures import numbered
from tests.support.processes import eventually, free_port
from tests.support.server import LiveServer


@pytest.fixture
def broker() -> Iterator[str]:
    """The address of a Redis of this test's own."""
    with redis_broker() as url:
        yield url


def send(server: LiveServer, slow_photo: bytes, count: int) -> list[str]:
    """Upload photographs; returns their statuses as answered."""
    with server.sign_in() as ada:
        collection = ada.collection()
        answers = [ada.send(collection, (f"{n}.jpg", numbered(slow_photo, n))) for n in range(count)]
    assert {answer.status_code for answer in answers} == {201}
    return [answer.json()["files"][0]["status"] for answer in answers]


def test_workers_do_the_work_and_the_web_process_waits_for_it(tmp_path: Path, broker: str, slow_photo: bytes) -> None:
    with LiveServer(tmp_path, QUEUE_URL=broker, VARIANT_WAIT_SECONDS="30") as server, worker(server, "one"):
        server.create_user()
        assert send(server, slow_photo, 3) == ["completed"] * 3
        assert server.statuses() == {"completed": 3}
        assert b"variants ready" not in server.log.read_bytes()


def test_jobs_of_a_killed_worker_are_done_exactly_once(tmp_path: Path, broker: str, slow_photo: bytes) -> None:
    with LiveServer(tmp_path, QUEUE_URL=broker, VARIANT_WAIT_SECONDS="0") as server:
        server.create_user()
        with worker(server, "one") as victim, worker(server, "two"):
            send(server, slow_photo, 8)
            eventually(lambda: server.statuses().get("completed", 0) >= 1, PATIENCE, "work has begun")
            victim.kill()
            server.write("UPDATE files SET lease_expires_at = '2000-01-01' WHERE processing_status = 'processing'")
            eventually(lambda: server.unfinished() == 0, PATIENCE, "everything is done")
        assert server.statuses() == {"completed": 8}
        twice = "SELECT file_id FROM variants GROUP BY file_id, name HAVING count(*) > 1"
        assert server.rows(twice) == []


def test_unreachable_broker_fails_no_upload_and_gets_the_jobs_later(
    tmp_path: Path, broker: str, slow_photo: bytes
) -> None:
    nowhere = f"redis://127.0.0.1:{free_port()}/0"
    with LiveServer(tmp_path, QUEUE_URL=nowhere, VARIANT_WAIT_SECONDS="0") as server:
        server.create_user()
        assert send(server, slow_photo, 1) == ["pending"]
        server.kill()
        server.environment["QUEUE_URL"] = broker
        with worker(server, "one"):
            server.start()
            eventually(lambda: server.unfinished() == 0, PATIENCE, "the sweep hands the file over")
        assert server.statuses() == {"completed": 1}
