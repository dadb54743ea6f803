"""The WSGI entry point, found by gunicorn and by the `flask` command."""

import sys

from app import create_app
from app.errors import ConfigError

GUNICORN_GIVES_UP = 3  # any other exit code of a worker makes gunicorn start the next one, for ever

try:
    application = create_app()
except ConfigError as error:
    print(f"proofsheet: {error.message}", file=sys.stderr)
    sys.exit(GUNICORN_GIVES_UP)
