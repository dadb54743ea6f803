"""Settings of gunicorn (`gunicorn --config python:app.server`): one process, many threads, one pool for variants."""

from __future__ import annotations

import signal
import threading
from typing import Any

from gunicorn.glogging import Logger

from app.logs import shown
from app.services.queue import QUEUE


class AccessLog(Logger):  # type: ignore[misc]
    """gunicorn's log, for whoever turns the access log on."""

    def atoms(self, *request: Any) -> dict[str, Any]:
        """What a format may name."""
        return {name: shown(name, value) for name, value in super().atoms(*request).items()}


wsgi_app = "wsgi:application"
workers = 1  # the pool of VARIANT_WORKERS is one per process
worker_class = "gthread"
threads = 32  # a thread that waits costs some 60 kB of memory, and no connection of the database
timeout = 120
graceful_timeout = 30  # SIGTERM: requests and variants that are running may finish
keepalive = 15
# X-Forwarded-* are read by TRUSTED_PROXIES alone: gunicorn itself would believe whoever comes from this machine.
forwarded_allow_ips = ""
accesslog = None  # the audit log says who did what
logger_class = AccessLog
loglevel = "warning"
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "app.logs.Masked", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "bare": {"()": "app.logs.Masked", "format": "%(message)s"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        "audit": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "bare"},
    },
    "root": {"level": "WARNING", "handlers": ["stderr"]},
    "loggers": {"app": {"level": "INFO"}, "audit": {"level": "INFO", "handlers": ["audit"], "propagate": False}},
}


def post_worker_init(worker: Any) -> None:
    """Take up what an earlier process left unfinished, without waiting for a first request."""
    worker.wsgi.extensions[QUEUE].start()
    _end_with(worker)


def _end_with(worker: Any) -> None:
    """At SIGTERM record that the pool ends as planned, so that what it interrupts does not count as a crash.

    gunicorn has no hook for that moment, and may be killed before `worker_exit`. A signal handler must not wait for
    the database, so a thread does.
    """
    handle_exit = signal.getsignal(signal.SIGTERM)

    def end(number: int, frame: Any) -> None:
        threading.Thread(target=worker.wsgi.extensions[QUEUE].leave, name="leaving").start()
        if callable(handle_exit):
            handle_exit(number, frame)

    signal.signal(signal.SIGTERM, end)


def worker_exit(_server: Any, worker: Any) -> None:
    """Let running variants finish; what has not begun stays due in the database."""
    application = getattr(worker, "wsgi", None)  # a worker that could not load it has none
    if application is not None:
        application.extensions[QUEUE].close()
