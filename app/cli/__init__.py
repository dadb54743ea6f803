"""`flask` commands: each parses its arguments, calls one service and prints the result."""

from __future__ import annotations

from flask import Flask
from flask_limiter.commands import cli as limiter

from app.cli.imports import import_folder
from app.cli.maintenance import maintenance
from app.cli.photos import photos
from app.cli.storage import storage
from app.cli.users import users


def register(app: Flask) -> None:
    """Add the commands to the `flask` command line."""
    limiter.hidden = True  # `flask limiter` of Flask-Limiter needs packages that are not installed
    photos.add_command(import_folder)
    for command in (users, photos, maintenance, storage):
        app.cli.add_command(command)
