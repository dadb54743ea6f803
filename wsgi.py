"""The WSGI entry point, found by gunicorn and by the `flask` command."""

from app import boot, create_app

with boot.starting():
    application = create_app()
    boot.require_database(application.config["DATABASE_URL"])
