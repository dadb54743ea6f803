"""Settings of gunicorn for the baseline: the same pages as they were before there were variants.

Every address of a variant in a page becomes that of the original, so grid and lightbox show, and share in the browser's
cache, the original; nothing else differs.
"""

from __future__ import annotations

import re

from flask import Flask, Response

from app import create_app
from app.server import (  # noqa: F401  gunicorn reads them here
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
    """Proofsheet whose pages know no variants; what is registered last sees an answer before it is compressed."""
    app = create_app()
    app.after_request(without_variants)
    return app


def without_variants(response: Response) -> Response:
    """The page with the address of an original wherever one of a variant was."""
    if response.mimetype in PAGES and not response.direct_passthrough:
        response.set_data(VARIANT.sub(r"\1/original", response.get_data(as_text=True)))
    return response
