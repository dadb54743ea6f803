"""The WSGI entry point, found by gunicorn and by the `flask` command."""

from app import create_app

application = create_app()
