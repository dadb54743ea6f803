"""Settings of gunicorn for tests: as `app.server`, but a head must be complete within two seconds."""

from __future__ import annotations

from app import patient_worker
from app.server import *  # noqa: F403  read by gunicorn
from app.server import post_worker_init  # noqa: F401

HEAD_SECONDS = patient_worker.HEAD_SECONDS = 2.0
