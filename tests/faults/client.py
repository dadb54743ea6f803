"""The client of the fault tests: acts as a photographer, and records what the server acknowledged."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from typing import Any, Protocol

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.faults.ledger import Ledger
from tests.support.photographer import Photographer

JSON = {"Accept": "application/json"}
Sent = Sequence[tuple[str, bytes]]


class Http(Protocol):
    """An HTTP client of a server, in this process or another."""

    def get(self, path: str) -> int:
        """The status of the answer, read to its end."""
        ...

    def post(self, path: str, fields: dict[str, str], files: Sent = ()) -> tuple[int, Any]:
        """The status of the answer and its JSON."""
        ...


class InProcess:
    """A browser without a network."""

    def __init__(self, browser: FlaskClient, user_id: int) -> None:
        self._browser = browser
        with browser.session_transaction() as session:
            session.update({"_user_id": str(user_id), "_fresh": True})

    def get(self, path: str) -> int:
        """The status of the answer, read to its end."""
        return self.answer(path).status_code

    def answer(self, path: str) -> TestResponse:
        """The whole answer."""
        return self._browser.get(path, headers=JSON, buffered=True)

    def post(self, path: str, fields: dict[str, str], files: Sent = ()) -> tuple[int, Any]:
        """The status of the answer and its JSON."""
        form = {**fields, "files": [(io.BytesIO(data), name) for name, data in files]}
        answer = self._browser.post(path, data=form, headers=JSON, content_type="multipart/form-data")
        return answer.status_code, answer.get_json()


class OverHttp:
    """A script at the other end of a connection."""

    def __init__(self, photographer: Photographer) -> None:
        self._photographer = photographer

    def get(self, path: str) -> int:
        """The status of the answer, read to its end."""
        return self._photographer.get(path).status_code

    def post(self, path: str, fields: dict[str, str], files: Sent = ()) -> tuple[int, Any]:
        """The status of the answer and its JSON."""
        parts = [("files", (name, data, "image/jpeg")) for name, data in files]
        answer = self._photographer.post(path, data=fields, files=parts)
        return answer.status_code, answer.json()


class Client:
    """A signed-in photographer; the ledger records what the server acknowledged."""

    def __init__(self, http: Http, ledger: Ledger) -> None:
        self._http, self._ledger = http, ledger

    def collection(self) -> str:
        """Create a collection; returns its uuid."""
        status, answer = self._http.post("/collections/", {"title": "Wedding", "privacy": "public"})
        assert status == 201, answer
        self._ledger.note("collection", uuid=answer["uuid"])
        return str(answer["uuid"])

    def upload(self, collection: str, *pictures: bytes) -> list[str]:
        """The uuids of files that were all taken."""
        files = [(f"{number}.jpg", data) for number, data in enumerate(pictures)]
        status, answer = self._http.post(f"/collections/{collection}/upload", {}, files)
        assert (status, answer["errors"]) == (201, []), answer
        for told, data in zip(answer["files"], pictures, strict=True):
            assert told["sha256"] == hashlib.sha256(data).hexdigest()
            self.acknowledged(collection, told)
        return [str(told["uuid"]) for told in answer["files"]]

    def acknowledged(self, collection: str, told: dict[str, Any]) -> None:
        """Record an acknowledged file."""
        again = told["status"] == "duplicate"
        self._ledger.note(
            "acknowledged", uuid=told["uuid"], sha256=told["sha256"], collection=collection, duplicate=again
        )

    def view(self, uuid: str, name: str) -> None:
        """Request a variant, which is made if it is missing, perhaps later."""
        status = self._http.get(f"/collections/files/{uuid}/variants/{name}")
        assert status in (200, 202), (uuid, name, status)

    def delete_file(self, uuid: str) -> None:
        """Delete a file for good."""
        self._delete(f"files/{uuid}", uuid, [])

    def delete_collection(self, uuid: str) -> None:
        """Delete a collection and its files for good."""
        self._delete(uuid, uuid, self._ledger.facts().collections[uuid])

    def _delete(self, path: str, uuid: str, files: list[str]) -> None:
        self._ledger.note("asked", uuid=uuid)
        status, answer = self._http.post(f"/collections/{path}/delete", {})
        assert (status, answer["deleted"]) == (200, uuid), answer
        self.deleted(uuid, files)

    def deleted(self, uuid: str, files: list[str]) -> None:
        """Record that the deletion was acknowledged."""
        self._ledger.note("gone", uuid=uuid, files=files)
