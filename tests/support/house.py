"""An app with an owner, another photographer and an administrator: what tests of several people start from."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app import Proofsheet
from app.models import File, Role, db
from app.services.queue import QUEUE
from tests.support.app import ManualQueue
from tests.support.studio import EMAIL, Studio

OWNER, OTHER, ADMIN = EMAIL, "eve@example.com", "boss@example.com"


class House:
    """The app, three accounts, and a studio that makes what is needed beside them."""

    def __init__(self, app: Proofsheet) -> None:
        self.app, self.studio = app, Studio(app)
        self.owner_id = self.studio.photographer(OWNER)
        self.other_id = self.studio.photographer(OTHER)
        self.admin_id = self.studio.photographer(ADMIN, role=Role.ADMIN)

    @property
    def queue(self) -> ManualQueue:
        """The queue of the app, worked by hand."""
        queue = self.app.extensions[QUEUE]
        assert isinstance(queue, ManualQueue)
        return queue

    def row(self, file_uuid: str) -> File:
        """Return the row of a file, deleted or not, detached."""
        with self.app.app_context():
            file = db.session.scalars(select(File).where(File.uuid == file_uuid)).one()
            db.session.expunge_all()
            return file

    def signed_in(self, email: str) -> dict[str, str]:
        """Return the headers of a signed-in browser."""
        return session_of(self.studio.client(email))


def session_of(client: Any) -> dict[str, str]:
    """Return the session that a browser has, as a header."""
    cookie = client.get_cookie("session")
    return {"Cookie": f"session={cookie.value}"} if cookie else {}
