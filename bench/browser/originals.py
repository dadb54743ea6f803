"""Gunicorn settings for the baseline: the same pages with originals instead of variants.

Every variant URL in a page is replaced with the original's, so grid and lightbox show the original and share it in the
browser's cache.
"""

from __future__ import annotations

import re

from flask import Flask, Response

from app import create_app
from app.server import (  # noqa: F401  read by gunicorn
    graceful_timeout,
    keepalive,
    logconfig_dict,
    post_worker_init,
    threads,
    timeout,
    worker_class,
    worker_exit,
    workers,
)

wsgi_app = "bench.browser.originals:application()"
PAGES = ("text/html", "application/json")
VARIANT = re.compile(r"(/collections/files/[0-9a-f-]{36})/(?:thumbnail|preview|variants/\w+)(?:\?v=\w*)?")


def application() -> Flask:
    """The app with originals in its pages; a handler registered last runs before the response is compressed."""
    app = create_app()
    app.after_request(without_variants)
    return app


def without_variants(response: Response) -> Response:
    """Replace variant URLs in a page with those of originals."""
    if response.mimetype in PAGES and not response.direct_passthrough:
        response.set_data(VARIANT.sub(r"\1/original", response.get_data(as_text=True)))
    return response
