"""The real server, for tests and benches: gunicorn in processes of its own, to be talked to, measured and killed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any, Self

import psutil
import requests

from app import create_app
from app.models import db
from app.services.accounts import accounts
from tests.support.photographer import Photographer
from tests.support.processes import ROOT, command, eventually, free_port, removed_at_exit
from tests.support.studio import EMAIL, PASSWORD

BOOT_SECONDS = 60.0


class LiveServer:
    """Proofsheet under gunicorn, its SQLite database, store and log in `folder`; settings are environment variables.

    Entering migrates and starts; leaving stops. `start`, `stop` and `kill` may be called in between.
    """

    def __init__(self, folder: Path, *, config: str = "app.server", **settings: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._config = config  # the module of gunicorn's settings
        self.database = folder / "live.db"
        self.storage = folder / "storage"
        self.log = folder / "server.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = os.environ | {
            "SECRET_KEY": "only for tests",
            "DATABASE_URL": f"sqlite:///{self.database}",
            "STORAGE_PATH": str(self.storage),
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        migrate(self.environment)
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        if self._process is not None:
            self.kill()

    # --- its life --------------------------------------------------------------------------

    def run(self, module: str, *arguments: str, given: str = "") -> str:
        """What a command of the project prints, run over this server's database and store."""
        return command(self.environment, module, *arguments, given=given)

    def start(self) -> float:
        """Start it; returns the seconds until it answered."""
        command = ["-m", "gunicorn", "--config", f"python:{self._config}", "--bind", f"127.0.0.1:{self.port}"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return eventually(self._answers, BOOT_SECONDS, "the server answers")

    def stop(self, seconds: float = 60.0) -> tuple[int, float]:
        """SIGTERM; returns the exit code and the seconds it took."""
        process, start = self._running(), time.monotonic()
        process.terminate()
        code = process.wait(seconds)
        self._process = None
        return code, time.monotonic() - start

    def kill(self) -> None:
        """SIGKILL to the master and its workers at once, as when the power goes; returns when they are gone."""
        process, workers = self._running(), self.workers()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)
        psutil.wait_procs(workers, timeout=10)
        self._process = None

    @property
    def worker(self) -> psutil.Process:
        """The process that serves requests and makes variants."""
        return self.workers()[0]

    def workers(self) -> list[psutil.Process]:
        """Every process that serves requests."""
        children: list[psutil.Process] = psutil.Process(self._running().pid).children()
        return children

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the server is not running"
        return self._process

    def _answers(self) -> bool:
        assert self._running().poll() is None, self.log.read_text()
        try:
            return requests.get(f"{self.url}/auth/sign-in", timeout=5).ok
        except (requests.ConnectionError, requests.Timeout):  # the first answer may take longer on a busy machine
            return False

    # --- its insides -----------------------------------------------------------------------

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database answers; nothing but a reader, whether the server runs or not."""
        with closing(sqlite3.connect(self.database, timeout=30)) as connection:
            found: list[tuple[Any, ...]] = connection.execute(query, values).fetchall()
            return found

    def write(self, statement: str, *values: Any) -> int:
        """Change the database behind the server's back; returns how many rows."""
        with closing(sqlite3.connect(self.database, timeout=30)) as connection, connection:
            return connection.execute(statement, values).rowcount

    def statuses(self) -> dict[str, int]:
        """How many files are in each processing status."""
        return dict(self.rows("SELECT processing_status, count(*) FROM files GROUP BY 1"))

    def unfinished(self) -> int:
        """How many files are neither completed nor failed."""
        return sum(count for status, count in self.statuses().items() if status not in ("completed", "failed"))

    def memory(self) -> int:
        """The worker's resident memory in bytes."""
        return int(self.worker.memory_info().rss)

    def reset_peak(self) -> None:
        """Make the worker's memory of now the peak (Linux)."""
        Path(f"/proc/{self.worker.pid}/clear_refs").write_text("5")

    def peak(self) -> int:
        """The worker's highest resident memory in bytes, as the kernel kept it (Linux)."""
        status = Path(f"/proc/{self.worker.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) * 1024

    # --- its people ------------------------------------------------------------------------

    def create_user(self, email: str = EMAIL, **more: Any) -> None:
        """Create an account with PASSWORD, in this process: a command takes a second to start."""
        names = ("DATABASE_URL", "STORAGE_PATH", "SECRET_KEY")
        with create_app({name: self.environment[name] for name in names}).app_context():
            accounts.create(email, PASSWORD, **more)
            db.engine.dispose()

    def sign_in(self, email: str = EMAIL) -> Photographer:
        """Return a client that is signed in; to be closed."""
        return Photographer(self.url, email)


def migrate(environment: Mapping[str, str]) -> None:
    """Bring the database to head; a new one in a file gets a copy of one that this process has migrated before."""
    path = Path(environment["DATABASE_URL"].removeprefix("sqlite:///"))
    if environment["DATABASE_URL"].startswith("sqlite:///") and not path.exists():
        shutil.copyfile(_migrated(), path)
    else:
        command(environment, "alembic", "upgrade", "head")


@cache
def _migrated() -> Path:
    path = removed_at_exit(Path(tempfile.mkdtemp(prefix="proofsheet-migrated-"))) / "head.db"
    settings = {"SECRET_KEY": "only for tests", "DATABASE_URL": f"sqlite:///{path}"}
    command(os.environ | settings, "alembic", "upgrade", "head")
    return path
