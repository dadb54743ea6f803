"""WSGI entry point of gunicorn and of the `flask` command."""

from app import boot, create_app

with boot.starting():
    application = create_app()
    boot.require_database(application.config["DATABASE_URL"])
