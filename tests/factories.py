"""Accounts, collections, files and pictures for tests."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask.testing import FlaskClient
from PIL import Image
from PIL.ExifTags import IFD, Base

from app import Proofsheet
from app.models import File, Privacy, db
from app.services import lookup
from app.services.accounts import accounts
from app.services.collections import editing
from app.services.collections.editing import CollectionDetails
from app.services.uploads.form import UploadService
from app.services.uploads.receipt import IncomingFile, UploadReport

PASSWORD = "a long password"
JSON = {"Accept": "application/json"}


def jpeg(width: int = 60, height: int = 40, colour: tuple[int, int, int] = (180, 120, 60), **save: Any) -> bytes:
    """A JPEG with a gradient, so that no two sizes or colours give the same bytes."""
    out = io.BytesIO()
    gradient = Image.linear_gradient("L").resize((width, height))
    Image.composite(Image.new("RGB", (width, height), colour), Image.new("RGB", (width, height)), gradient).save(
        out, "JPEG", **({"quality": 90} | save)
    )
    return out.getvalue()


def taken_by(camera: str, when: str, *, serial: str = "", offset: str = "") -> bytes:
    """EXIF for `jpeg(exif=...)`: the camera, its serial number, and the time as it writes them."""
    exif = Image.Exif()
    exif[Base.Model] = camera
    written = {Base.DateTimeOriginal: when, Base.OffsetTimeOriginal: offset, Base.BodySerialNumber: serial}
    exif.get_ifd(IFD.Exif).update({int(tag): value for tag, value in written.items() if value})
    return exif.tobytes()


class Studio:
    """A photographer's things, made through the services."""

    def __init__(self, app: Proofsheet) -> None:
        self.app = app

    def photographer(self, email: str = "ada@example.com", **more: Any) -> int:
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
        """The uuid of one photograph that was taken."""
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

    def change(self, uuid: str, **columns: Any) -> None:
        """Set columns of a file's row."""
        with self.app.app_context():
            file = lookup.file_by_uuid(uuid)
            for name, value in columns.items():
                setattr(file, name, value)
            db.session.commit()


def past(year: int = 2020) -> datetime:
    """A moment that is over."""
    from datetime import UTC

    return datetime(year, 1, 1, tzinfo=UTC)
