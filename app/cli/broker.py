"""The queue of a broker, to which commands leave work instead of doing it themselves."""

from __future__ import annotations

from flask import current_app

from app.services.queue import QUEUE, Queue


def broker_queue() -> Queue | None:
    """Return the queue if its jobs run in other processes, else None: then the sweep of the server finds the files."""
    return current_app.extensions[QUEUE] if current_app.config["QUEUE_URL"] else None
