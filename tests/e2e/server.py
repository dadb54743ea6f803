"""A Proofsheet of its own, as an administrator starts it: migrated with Alembic, served by gunicorn."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.live_server import ROOT, command, free_port, migrate

START_SECONDS = 90
STOP_SECONDS = 40


@dataclass(frozen=True)
class Server:
    """A running server: where it answers, and the environment it and its commands run in."""

    url: str
    environ: dict[str, str]
    process: subprocess.Popen[bytes]
    log: Path

    def flask(self, *arguments: str, given: str = "") -> str:
        """What a `flask` command prints."""
        return command(self.environ, "flask", *arguments, given=given)

    def stop(self) -> None:
        """Ask it to end, as systemd would, and wait until it has."""
        self.process.terminate()
        self.process.wait(STOP_SECONDS)


def start(folder: Path, **settings: str) -> Server:
    """Migrate a new database in the folder, start a server on a free port, and return when it answers."""
    environ = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{folder / 'e2e.db'}",
        "STORAGE_PATH": str(folder / "storage"),
        "SECRET_KEY": "only for tests",
        **settings,
    }
    migrate(environ)
    address = f"127.0.0.1:{free_port()}"
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "python:app.server", "--bind", address],
            cwd=ROOT,
            env=environ,
            stderr=output,
        )
    server = Server(f"http://{address}", environ, process, log)
    _wait_until_ready(server)
    return server


def _wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            requests.get(f"{server.url}/auth/sign-in", timeout=5).raise_for_status()
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.05)  # between two looks, not a guess at how long it takes
        else:
            return
    server.process.kill()
    server.process.wait(20)
    raise AssertionError(f"The server did not start:\n{server.log.read_text(errors='replace')}")
