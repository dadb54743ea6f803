"""The WSGI entry point, found by gunicorn and by the `flask` command."""

from app import create_app
from app.errors import ConfigError

try:
    application = create_app()
except ConfigError as error:
    raise SystemExit(f"proofsheet: {error.message}") from None
