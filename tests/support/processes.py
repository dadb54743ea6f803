"""Processes beside the tests: commands of the project, free ports, and waiting for a condition."""

from __future__ import annotations

import atexit
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMAND_SECONDS = 180.0
POLL_SECONDS = 0.02


def eventually(condition: Callable[[], bool], seconds: float, what: str) -> float:
    """Return after how many seconds the condition came to hold; raises AssertionError after `seconds`."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > seconds:
            raise AssertionError(f"{what}: not within {seconds:g} s")
        time.sleep(POLL_SECONDS)
    return time.monotonic() - start


def command(environment: Mapping[str, str], module: str, *arguments: str, given: str = "") -> str:
    """Return what a command of the project prints; raises AssertionError if its exit code is not 0."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT, env=environment, input=given, capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, f"{module} {arguments} failed: {done.stdout}{done.stderr}"
    return done.stdout


def free_port() -> int:
    """Return a port of this machine that no process listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def removed_at_exit(folder: Path) -> Path:
    """Return the folder, which is removed when this process ends."""
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
