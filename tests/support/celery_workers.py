"""A broker and Celery workers, for tests and benches: Redis in memory, workers over the rows and store of a server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from tests.support.processes import ROOT, eventually, free_port
from tests.support.server import LiveServer
from tests.support.services_available import program

PATIENCE = 75.0
COMMAND = ("-m", "celery", "-A", "worker", "worker", "-Q", "uploads,backfill")  # as docs/operate.md has it


@dataclass(frozen=True)
class Worker:
    """A Celery worker that runs: its first process, which those that work were forked from, and its log."""

    process: subprocess.Popen[bytes]
    log: Path

    def times_made(self, uuid: str) -> int:
        """How often its log says that a file's variants were made."""
        return self.log.read_text().count(f"variants ready file={uuid}")

    def kill(self) -> None:
        """SIGKILL to all of its processes at once."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)


@contextmanager
def redis_broker() -> Iterator[str]:
    """The address of a Redis of one's own, in memory; needs redis-server as `program` does."""
    server, port = program("redis-server", "redis-server"), free_port()
    quiet = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen([server, "--port", str(port), *quiet], stdout=subprocess.DEVNULL) as process:
        client = redis.Redis(port=port)
        eventually(lambda: _answers(client), PATIENCE, "redis answers")
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            client.close()
            process.terminate()


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


@contextmanager
def worker(server: LiveServer, name: str, processes: int = 2) -> Iterator[Worker]:
    """A Celery worker with so many processes over the server's database and store."""
    log = server.log.with_name(f"{name}.log")
    own = ("--concurrency", str(processes), "-l", "INFO", "-n", f"{name}@t")
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, *COMMAND, *own], cwd=ROOT, env=server.environment, stdout=stream, stderr=stream,
            start_new_session=True,
        )  # fmt: skip
    running = Worker(process, log)
    try:
        eventually(lambda: b"ready" in log.read_bytes(), PATIENCE, "the worker is ready")
        yield running
    finally:
        running.kill()
