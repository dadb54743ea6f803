"""Processes of our own: forked from one that has everything imported, which takes a tenth of starting Python."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

HANGS_SECONDS = 60
KILLED = -signal.SIGKILL


def outcome_of(work: Callable[[], None], log: Path) -> int:
    """Do the work in a new process: 0 if it came to its end, 1 if it raised, else minus the signal that ended it."""
    assert threading.active_count() == 1, "a fork takes no threads along, but their locks"
    process = os.fork()
    if process == 0:
        _become(work, log)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def _become(work: Callable[[], None], log: Path) -> NoReturn:
    code = 1
    try:
        descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        signal.alarm(HANGS_SECONDS)
        work()
        code = 0
    except BaseException:  # noqa: BLE001 - the parent is told by the exit code, whatever it was
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
