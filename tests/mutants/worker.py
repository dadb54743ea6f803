"""A process in a copy of the project that runs tests in forks: what the app imports from elsewhere is loaded once.

Each line of its input is a JSON list of a time limit in seconds and tests; each line of its output is "survived",
"killed" or "timeout".
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import sys
import time

import pytest

POLL_SECONDS = 0.02


def main(libraries: list[str]) -> None:
    """Answer until the input ends."""
    sys.dont_write_bytecode = True
    for name in libraries:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    for line in sys.stdin:
        seconds, *tests = json.loads(line)
        print(_outcome(seconds, tests), flush=True)


def _outcome(seconds: float, tests: list[str]) -> str:
    child = os.fork()
    if not child:
        _run(tests)
    deadline = time.monotonic() + seconds
    status = None
    while status is None and time.monotonic() < deadline:
        pid, code = os.waitpid(child, os.WNOHANG)
        status = code if pid else None
        time.sleep(POLL_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # also what the tests have started
    if status is None:
        os.waitpid(child, 0)
        return "timeout"
    return "killed" if status else "survived"


def _run(tests: list[str]) -> None:
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    code = 1
    try:
        code = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "--no-header", *tests]))
    finally:
        os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
