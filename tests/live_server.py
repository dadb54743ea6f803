"""The real server, for tests and benches: gunicorn in processes of its own, to be talked to, measured and killed."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any, Self

import psutil
import requests

from app import create_app
from app.choices import Role
from app.models import db
from app.services.accounts import accounts

ROOT = Path(__file__).resolve().parent.parent
EMAIL, PASSWORD = "ada@example.com", "a long password"
JSON = {"Accept": "application/json"}
BOOT_SECONDS = 60.0
COMMAND_SECONDS = 180.0
REQUEST_SECONDS = 120.0
POLL_SECONDS = 0.02


def eventually(condition: Callable[[], bool], seconds: float, what: str) -> float:
    """Return after how many seconds the condition came to hold; fail if it does not within `seconds`."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > seconds:
            raise AssertionError(f"{what}: not within {seconds:g} s")
        time.sleep(POLL_SECONDS)
    return time.monotonic() - start


class LiveServer:
    """Proofsheet under gunicorn, its SQLite database, store and log in `folder`; settings are environment variables.

    Entering migrates and starts; leaving stops. `start`, `stop` and `kill` may be called in between.
    """

    config = "app.server"  # the module of gunicorn's settings

    def __init__(self, folder: Path, **settings: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
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
        command = ["-m", "gunicorn", "--config", f"python:{self.config}", "--bind", f"127.0.0.1:{self.port}"]
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
        process, workers = self._running(), self._workers()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)
        psutil.wait_procs(workers, timeout=10)
        self._process = None

    @property
    def worker(self) -> psutil.Process:
        """The process that serves requests and makes variants."""
        return self._workers()[0]

    def _workers(self) -> list[psutil.Process]:
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

    def create_user(self, email: str = EMAIL, password: str = PASSWORD, role: str = "photographer") -> None:
        """Make an account, in this process: a command takes a second to start."""
        names = ("DATABASE_URL", "STORAGE_PATH", "SECRET_KEY")
        with create_app({name: self.environment[name] for name in names}).app_context():
            accounts.create(email, password, role=Role(role))
            db.engine.dispose()

    def sign_in(self, email: str = EMAIL, password: str = PASSWORD) -> Photographer:
        """A script that is signed in; to be closed."""
        return Photographer(self.url, email, password)


class Photographer:
    """Somebody who is signed in and talks to the server as a script does."""

    def __init__(self, url: str, email: str, password: str) -> None:
        self.url = url
        self.http = requests.Session()
        self.http.headers.update(JSON)
        self.http.headers["X-CSRFToken"] = self.token("/auth/sign-in")
        self.post("/auth/sign-in", data={"email": email, "password": password}).raise_for_status()
        self.http.headers["X-CSRFToken"] = self.token("/collections/")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.http.close()

    def token(self, path: str) -> str:
        """The CSRF token of a page."""
        page = self.http.get(self.url + path, headers={"Accept": "text/html"}, timeout=REQUEST_SECONDS).text
        found = re.search(r'<meta name="csrf-token" content="([^"]+)">', page)
        assert found is not None, page
        return found[1]

    def get(self, path: str, **more: Any) -> requests.Response:
        """The answer to a GET."""
        return self.http.get(self.url + path, timeout=REQUEST_SECONDS, **more)

    def post(self, path: str, **more: Any) -> requests.Response:
        """The answer to a POST."""
        return self.http.post(self.url + path, timeout=REQUEST_SECONDS, **more)

    def collection(self, title: str = "Wedding", **form: str) -> str:
        """The uuid of a new collection, public unless told otherwise."""
        answer = self.post("/collections/", data={"title": title, "privacy": "public"} | form)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["uuid"])

    def upload(self, collection: str, *files: tuple[str, Any]) -> requests.Response:
        """The answer to an upload of files, each a name and its bytes or an open file."""
        form = [("files", (name, data, "image/jpeg")) for name, data in files]
        return self.post(f"/collections/{collection}/upload", files=form)

    def headers(self) -> dict[str, str]:
        """What a request of another making needs to count as this person's."""
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.http.cookies)
        return {"Cookie": cookies, "X-CSRFToken": str(self.http.headers["X-CSRFToken"]), **JSON}


def command(environment: Mapping[str, str], module: str, *arguments: str, given: str = "") -> str:
    """What a command of the project prints."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT, env=environment, input=given, capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, f"{module} {arguments} failed: {done.stdout}{done.stderr}"
    return done.stdout


def migrate(environment: Mapping[str, str]) -> None:
    """Bring the database to head; a new one in a file gets a copy of one that this process has migrated before."""
    path = Path(environment["DATABASE_URL"].removeprefix("sqlite:///"))
    if environment["DATABASE_URL"].startswith("sqlite:///") and not path.exists():
        shutil.copyfile(_migrated(), path)
    else:
        command(environment, "alembic", "upgrade", "head")


@cache
def _migrated() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="proofsheet-migrated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "head.db"
    command(
        {**os.environ, "SECRET_KEY": "only for tests", "DATABASE_URL": f"sqlite:///{path}"},
        "alembic",
        "upgrade",
        "head",
    )
    return path


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
