"""Settings of gunicorn for tests: as `app.server`, but a head must be complete within two seconds."""

from __future__ import annotations

from typing import Any

from app import patient_worker
from app.server import *  # noqa: F403  read by gunicorn

HEAD_SECONDS = 2.0


def post_fork(_server: Any, _worker: Any) -> None:
    """Shorten the wait in the worker's process only."""
    patient_worker.HEAD_SECONDS = HEAD_SECONDS
