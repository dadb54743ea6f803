"""Settings of gunicorn (`gunicorn --config python:app.server`): one process, many threads, one pool for variants."""

from __future__ import annotations

from typing import Any

wsgi_app = "wsgi:application"
workers = 1  # the pool of VARIANT_WORKERS is one per process
worker_class = "gthread"
threads = 16
timeout = 120
graceful_timeout = 30  # SIGTERM: requests and variants that are running may finish
keepalive = 15
accesslog = None
loglevel = "warning"
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"level": "WARNING", "handlers": ["stderr"]},
    "loggers": {"app": {"level": "INFO"}},
}


def post_worker_init(worker: Any) -> None:
    """Take up what an earlier process left unfinished, without waiting for a first request."""
    worker.wsgi.extensions["proofsheet.queue"].start()


def worker_exit(_server: Any, worker: Any) -> None:
    """Let running variants finish; what has not begun stays due in the database."""
    worker.wsgi.extensions["proofsheet.queue"].close()
