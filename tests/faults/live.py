"""Settings of a gunicorn whose worker lists what it does, and may be armed or hurried by the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from app import server
from app.server import *  # noqa: F403 - gunicorn takes its settings from the names of this module
from tests.faults import traps
from tests.faults.ledger import Ledger
from tests.faults.traps import Armed, Trap


def post_worker_init(worker: Any) -> None:  # type: ignore[no-redef]
    """Wrap the watched functions, then start as usual."""
    ledger = Ledger(Path(os.environ["FAULTS_LEDGER"]))
    traps.list_puts(ledger)
    traps.list_renditions(ledger)
    traps.list_tries(ledger)
    if seconds := os.environ.get("FAULTS_SWEEP_SECONDS"):
        traps.hurry_sweeps(float(seconds))
    if point := os.environ.get("FAULTS_POINT"):
        Trap(Armed(point, int(os.environ["FAULTS_NTH"]), group=True), ledger).set()
    server.post_worker_init(worker)
