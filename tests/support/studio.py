"""Accounts, collections, files and clients of an app, made through its services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask.testing import FlaskClient

from app import Proofsheet
from app.models import File, Privacy, Scope, db
from app.services import lookup
from app.services.accounts import accounts, api_tokens
from app.services.collections import editing
from app.services.collections.editing import CollectionDetails
from app.services.uploads.form import UploadService
from app.services.uploads.receipt import IncomingFile, UploadReport
from tests.support.pictures import jpeg

EMAIL, PASSWORD = "ada@example.com", "a long password"
JSON = {"Accept": "application/json"}


class Studio:
    """A photographer's things, made through the services."""

    def __init__(self, app: Proofsheet) -> None:
        self.app = app

    def photographer(self, email: str = EMAIL, **more: Any) -> int:
        """The id of a new account with PASSWORD."""
        with self.app.app_context():
            return accounts.create(email, PASSWORD, **({"name": "Ada"} | more))

    def collection(self, owner_id: int, privacy: Privacy = Privacy.PUBLIC, **more: Any) -> str:
        """The uuid of a new collection; a password collection opens with PASSWORD."""
        details = CollectionDetails("Wedding", privacy=privacy, password=PASSWORD if privacy == "password" else "")
        with self.app.app_context():
            return editing.create(owner_id, replace(details, **more))

    def upload(self, collection_uuid: str, *files: tuple[str, bytes]) -> UploadReport:
        """Deliver files into a collection."""
        with self.app.app_context():
            collection = lookup.by_uuid(collection_uuid)
            incoming = [IncomingFile(name, [data]) for name, data in files]
            return UploadService().receive(collection.id, collection.uuid, incoming)

    def photo(self, collection_uuid: str, name: str = "photo.jpg", data: bytes | None = None) -> str:
        """Upload one photo; returns its uuid."""
        report = self.upload(collection_uuid, (name, data if data is not None else jpeg()))
        assert not report.errors
        return report.files[0].uuid

    def file(self, uuid: str) -> File:
        """The row of a file as it is now, detached."""
        with self.app.app_context():
            file = lookup.file_by_uuid(uuid)
            _ = file.variants
            db.session.expunge_all()
            return file

    def files(self, collection_uuid: str) -> Sequence[File]:
        """The files of a collection with their variants."""
        with self.app.app_context():
            return lookup.files_of(lookup.by_uuid(collection_uuid))

    def client(self, email: str | None = None) -> FlaskClient:
        """A browser, signed in where an address is given."""
        client = self.app.test_client()
        if email:
            answer = client.post("/auth/sign-in", data={"email": email, "password": PASSWORD}, headers=JSON)
            assert answer.status_code == 200, answer.text
        return client

    def token(self, user_id: int, scope: Scope, expires_at: datetime | None = None) -> str:
        """Create an API token; returns its secret."""
        with self.app.app_context():
            return api_tokens.make(user_id, name="a program", scope=scope, expires_at=expires_at).secret

    def program(self, user_id: int, scope: Scope) -> FlaskClient:
        """Return a client that sends a new API token with every request."""
        client = self.app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {self.token(user_id, scope)}"
        return client

    def change(self, uuid: str, **columns: Any) -> None:
        """Set columns of a file's row."""
        with self.app.app_context():
            file = lookup.file_by_uuid(uuid)
            for name, value in columns.items():
                setattr(file, name, value)
            db.session.commit()


def past(year: int = 2020) -> datetime:
    """Return a date in the past."""
    return datetime(year, 1, 1, tzinfo=UTC)
