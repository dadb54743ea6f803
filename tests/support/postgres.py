"""PostgreSQL for tests: one server for each test process, on a socket of its own, and a new database for each test."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.services_available import program

# What makes it survive a power cut is what makes it slow. It does survive being stopped: commits reach the system.
QUICK = ("fsync=off", "full_page_writes=off", "shared_buffers=16MB", "listen_addresses=")
NUMBERS = count(1)


class Cluster:
    """A server in a folder of its own, which also holds its socket; it may be stopped and started."""

    def __init__(self) -> None:
        folders = os.pathsep.join(map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)))
        initdb, self._postgres = (program(name, "postgresql", folders) for name in ("initdb", "postgres"))
        self.folder = Path(tempfile.mkdtemp(prefix="proofsheet-pg-"))
        self._who, self._data = _unprivileged_account(self.folder), self.folder / "data"
        command = [initdb, "-D", self._data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-locale"]
        quiet = {"stdout": subprocess.DEVNULL, "cwd": self.folder, "check": True}
        subprocess.run([*command, "--no-sync"], timeout=120, **quiet, **self._who)
        self.start()

    def start(self) -> None:
        """Return when it takes connections."""
        settings = [part for setting in QUICK for part in ("-c", setting)]
        command = [self._postgres, "-D", self._data, "-k", self.folder, *settings]
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(command, cwd=self.folder, stderr=log, **self._who)
        _wait_for(self._server, self.folder)

    def stop(self) -> None:
        """Break off every connection, as when the machine goes down; returns when it is gone."""
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(20)

    def remove(self) -> None:
        """Stop for good."""
        self.stop()
        shutil.rmtree(self.folder)

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of a new, empty database, as DATABASE_URL takes it."""
        name = f"test_{next(NUMBERS)}"
        with psycopg.connect(_dsn(self.folder), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        yield f"postgresql+psycopg://postgres@/{name}?host={self.folder}"
        with psycopg.connect(_dsn(self.folder), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Cluster]:
    """A new, empty server."""
    cluster = Cluster()
    yield cluster
    cluster.remove()


@pytest.fixture
def postgres_url(postgres_server: Cluster) -> Iterator[str]:
    """The address of a new, empty database, as DATABASE_URL takes it."""
    with postgres_server.database() as url:
        yield url


def _unprivileged_account(folder: Path) -> dict[str, Any]:
    """Run as the account `postgres` or `nobody`, who gets the folder: the server refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    account = names.get("postgres") or names["nobody"]
    os.chown(folder, account.pw_uid, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _wait_for(server: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(_dsn(folder)).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"PostgreSQL did not start:\n{(folder / 'log').read_text(errors='replace')}")
            time.sleep(0.05)
        else:
            return


def _dsn(folder: Path) -> str:
    return f"host={folder} user=postgres dbname=postgres"
