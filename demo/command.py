"""The command of `python -m demo`."""

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
    """Draw a gallery to look at: a photographer, a public and a password collection."""
    if gallery.exists():
        click.echo("The demonstration is here already; its passwords were told when it was made.")
        return
    access = gallery.new_access()
    click.echo(f"Sign in as {access.email} with the password {access.password}")
    click.echo(f"The night collection opens with {access.collection_password}")
    with click.progressbar(length=len(ALBUM), label="Drawing photographs", show_pos=True) as bar:
        gallery.make(access, lambda _name: bar.update(1))
    # Background jobs are left to the server: the command ends without starting them.
    current_app.extensions[QUEUE].close()
