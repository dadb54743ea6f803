"""Work handed to Celery: real Redis, real workers, one of them killed, and a broker that is not there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from tests.live_server import ROOT, LiveServer, eventually, free_port
from tests.server.conftest import numbered
from tests.services_available import program

PATIENCE = 75.0


@pytest.fixture
def broker() -> Iterator[str]:
    """The address of a Redis of this test's own, in memory."""
    server, port = program("redis-server", "redis-server"), free_port()
    quiet = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen([server, "--port", str(port), *quiet], stdout=subprocess.DEVNULL) as process:
        client = redis.Redis(port=port)
        eventually(lambda: _answers(client), PATIENCE, "redis answers")
        yield f"redis://127.0.0.1:{port}/0"
        client.close()
        process.terminate()


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


@contextmanager
def worker(server: LiveServer, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker with two processes over the server's database and store."""
    command = [
        "-m",
        "celery",
        "-A",
        "app.jobs.worker",
        "worker",
        "-Q",
        "uploads,backfill",
        "-c",
        "2",
        "-l",
        "INFO",
        "-n",
        f"{name}@t",
    ]
    log = server.log.with_name(f"{name}.log")
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=server.environment, stdout=stream, stderr=stream,
            start_new_session=True,
        )  # fmt: skip
    try:
        eventually(lambda: b"ready" in log.read_bytes(), PATIENCE, "the worker is ready")
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def send(server: LiveServer, slow_photo: bytes, count: int) -> list[str]:
    """Upload photographs; returns their statuses as answered."""
    with server.sign_in() as ada:
        collection = ada.collection()
        answers = [ada.upload(collection, (f"{n}.jpg", numbered(slow_photo, n))) for n in range(count)]
    assert {answer.status_code for answer in answers} == {201}
    return [answer.json()["files"][0]["status"] for answer in answers]


def test_workers_do_the_work_and_the_web_process_waits_for_it(tmp_path: Path, broker: str, slow_photo: bytes) -> None:
    with LiveServer(tmp_path, QUEUE_URL=broker, VARIANT_WAIT_SECONDS="30") as server, worker(server, "one"):
        server.create_user()
        assert send(server, slow_photo, 3) == ["completed"] * 3
        assert server.statuses() == {"completed": 3}
        assert b"variants ready" not in server.log.read_bytes()


def test_killed_worker_leaves_nothing_undone_and_nothing_done_twice(
    tmp_path: Path, broker: str, slow_photo: bytes
) -> None:
    with LiveServer(tmp_path, QUEUE_URL=broker, VARIANT_WAIT_SECONDS="0") as server:
        server.create_user()
        with worker(server, "one") as victim, worker(server, "two"):
            send(server, slow_photo, 12)
            eventually(lambda: server.statuses().get("completed", 0) >= 1, PATIENCE, "work has begun")
            os.killpg(victim.pid, signal.SIGKILL)
            victim.wait()
            server.write("UPDATE files SET lease_expires_at = '2000-01-01' WHERE processing_status = 'processing'")
            eventually(lambda: server.unfinished() == 0, PATIENCE, "everything is done")
        assert server.statuses() == {"completed": 12}
        twice = "SELECT file_id FROM variants GROUP BY file_id, name HAVING count(*) > 1"
        assert server.rows(twice) == []


def test_broker_that_is_away_fails_no_upload_and_gets_the_work_later(
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
