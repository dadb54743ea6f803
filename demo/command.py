"""The click command that `python -m demo` runs."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from app.services.queue import QUEUE
from demo import gallery
from demo.album import ALBUM


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Create a demo gallery: a photographer, a public collection and one with a password."""
    if gallery.exists():
        click.echo("The demo gallery already exists. Its passwords were shown when it was created.")
        return
    access = gallery.new_access()
    click.echo(f"Sign in as {access.email} with the password {access.password}")
    click.echo(f"The password of the night collection is {access.collection_password}")
    with click.progressbar(length=len(ALBUM), label="Drawing photographs", show_pos=True) as bar:
        gallery.make(access, lambda _name: bar.update(1))
    # The server runs background jobs, not this command.
    current_app.extensions[QUEUE].close()
