"""`flask demo`: a gallery to look at."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from app.demo.album import ALBUM
from app.services import demo_gallery
from app.services.queue import QUEUE


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Draw a gallery to look at: a photographer, a public and a password collection."""
    if demo_gallery.exists():
        click.echo("The demonstration is here already; its passwords were told when it was made.")
        return
    access = demo_gallery.new_access()
    click.echo(f"Sign in as {access.email} with the password {access.password}")
    click.echo(f"The night collection opens with {access.collection_password}")
    with click.progressbar(length=len(ALBUM), label="Drawing photographs", show_pos=True) as bar:
        demo_gallery.make(access, lambda _name: bar.update(1))
    # What was left for idle hours is for the server: at the end of a command nobody takes on any more work.
    current_app.extensions[QUEUE].close()
