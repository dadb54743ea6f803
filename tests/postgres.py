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
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.services_available import program

# What makes it survive a power cut is what makes it slow.
QUICK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "shared_buffers=16MB", "listen_addresses=")
NUMBERS = count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Path]:
    """The folder of the socket of a new, empty server."""
    folders = os.pathsep.join(map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)))
    initdb, postgres = (program(name, "postgresql", folders) for name in ("initdb", "postgres"))
    folder = Path(tempfile.mkdtemp(prefix="proofsheet-pg-"))
    who = _somebody_else(folder)
    data = folder / "data"
    initialise = [initdb, "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]
    subprocess.run(initialise, cwd=folder, check=True, stdout=subprocess.DEVNULL, **who)
    settings = [part for setting in QUICK for part in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([postgres, "-D", data, "-k", folder, *settings], cwd=folder, stderr=log, **who)
    try:
        _wait_for(server, folder)
        yield folder
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait(20)
        shutil.rmtree(folder)


@pytest.fixture
def postgres_url(postgres_server: Path) -> Iterator[str]:
    """The address of a new, empty database, as DATABASE_URL takes it."""
    name = f"test_{next(NUMBERS)}"
    with psycopg.connect(_dsn(postgres_server), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield f"postgresql+psycopg://postgres@/{name}?host={postgres_server}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _somebody_else(folder: Path) -> dict[str, Any]:
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
