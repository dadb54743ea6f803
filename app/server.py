"""Settings of gunicorn (`gunicorn --config python:app.server`): one process, 600 threads, one pool for variants."""

from __future__ import annotations

import resource
import signal
import sys
import threading
from typing import Any

from gunicorn.glogging import Logger

from app.logs import masked_atom
from app.services.queue import QUEUE
from app.turns import Turns


class AccessLog(Logger):  # type: ignore[misc]
    """gunicorn's logger with secrets masked in the access log."""

    @property
    def access_log_enabled(self) -> bool:
        """Whether lines of the access log go anywhere: gunicorn makes them whenever logging is configured."""
        return bool(self.access_log.hasHandlers())

    def atoms(self, *request: Any) -> dict[str, Any]:
        """Return the values for the access log format, masked."""
        return {name: masked_atom(name, value) for name, value in super().atoms(*request).items()}

    def exception(self, *message: Any, **more: Any) -> None:
        """Log an exception, but not that a client stopped reading its response."""
        if not isinstance(sys.exception(), TimeoutError):
            super().exception(*message, **more)


wsgi_app = "wsgi:application"
workers = 1  # each process would start a separate pool of VARIANT_WORKERS threads
worker_class = "app.patient_worker.PatientWorker"
threads = 600  # senders and readers of bodies; a waiting thread takes about 60 kB of memory and no database connection
worker_connections = 4000  # with those that wait for a request
OPEN_FILES = 2 * worker_connections
timeout = 120
graceful_timeout = 30  # seconds that running requests and variants may take after SIGTERM
keepalive = 15
# Only TRUSTED_PROXIES decides about X-Forwarded-*: by default gunicorn trusts every client on this machine.
forwarded_allow_ips = ""
accesslog = None  # the audit log records who did what
logger_class = AccessLog
loglevel = "warning"
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "app.logs.MaskingFormatter", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "bare": {"()": "app.logs.MaskingFormatter", "format": "%(message)s"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        "audit": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "bare"},
    },
    "root": {"level": "WARNING", "handlers": ["stderr"]},
    "loggers": {"app": {"level": "INFO"}, "audit": {"level": "INFO", "handlers": ["audit"], "propagate": False}},
}


def on_starting(_server: Any) -> None:
    """Allow a file for each connection: shells and systemd allow 1,024 unless a program asks for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


def post_worker_init(worker: Any) -> None:
    """Start the queue before the first request, so that unfinished files of an earlier process are resumed.

    Requests take turns from here on: see `app.turns`.
    """
    worker.wsgi.wsgi_app = Turns(worker.wsgi.wsgi_app)
    worker.wsgi.extensions[QUEUE].start()
    _leave_queue_at_sigterm(worker)


def _leave_queue_at_sigterm(worker: Any) -> None:
    """Call the queue's `leave` at SIGTERM, so that interrupted files do not count as crashes.

    gunicorn has no hook for SIGTERM, and the process may be killed before `worker_exit`. A signal handler must not
    wait for the database, so a thread makes the call.
    """
    handle_exit = signal.getsignal(signal.SIGTERM)

    def end(number: int, frame: Any) -> None:
        threading.Thread(target=worker.wsgi.extensions[QUEUE].leave, name="leaving").start()
        if callable(handle_exit):
            handle_exit(number, frame)

    signal.signal(signal.SIGTERM, end)


def worker_exit(_server: Any, worker: Any) -> None:
    """Close the queue: running variants may finish, and jobs not started stay due in the database."""
    application = getattr(worker, "wsgi", None)  # missing if the worker could not load the application
    if application is not None:
        application.extensions[QUEUE].close()
