"""A Flask app with one empty route under the settings of `app.server`: what the server and Flask cost by themselves."""

from __future__ import annotations

from flask import Flask

import app.server as settings

globals().update(
    {
        name: value
        for name, value in vars(settings).items()
        if name not in ("wsgi_app", "post_worker_init", "worker_exit") and not name.startswith("_")
    }
)
wsgi_app = "bench.serving.empty:application"
application = Flask(__name__, static_folder=None)


@application.get("/")
def nothing() -> str:
    """Respond with two bytes."""
    return "ok"
