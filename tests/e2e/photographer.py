"""A photographer who works over HTTP: sets up what a test in the browser needs, without the browser."""

from __future__ import annotations

import hashlib
import re
from functools import partial
from typing import Any

import requests

from tests.factories import JSON
from tests.live_server import eventually

EMAIL = "ada@example.com"
PASSWORD = "a long password"
TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)"')
PATIENCE_SECONDS = 60


class Photographer:
    """Signed in at a server."""

    def __init__(self, url: str, email: str = EMAIL) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.headers.update(JSON)
        self._post("/auth/sign-in", {"email": email, "password": PASSWORD})

    def collection(self, title: str = "Summer wedding", **fields: str) -> str:
        """The uuid of a new collection, public unless told otherwise."""
        return str(self._post("/collections/", {"title": title, "privacy": "public", **fields})["uuid"])

    def page(self, collection: str) -> str:
        """The address of a collection."""
        return f"{self.url}/collections/{collection}"

    def share(self, collection: str) -> str:
        """The address of a new share link."""
        return str(self._post(f"/collections/{collection}/links", {})["url"])

    def upload(self, collection: str, *files: tuple[str, bytes]) -> list[str]:
        """The uuids of uploaded files; waits until none of them is being prepared."""
        answer = self._post(f"/collections/{collection}/upload", {}, files=[("files", file) for file in files])
        assert not answer["errors"]
        eventually(lambda: not self.status(collection)["counts"]["preparing"], PATIENCE_SECONDS, "all are prepared")
        return [file["uuid"] for file in answer["files"]]

    def wait_for_large(self, *uuids: str) -> None:
        """Until it is made, which follows an upload by itself: a visitor who is sooner keeps the preview."""
        for uuid in uuids:
            path = f"{self.url}/collections/files/{uuid}/variants/large"
            asked = partial(self._session.get, path, timeout=PATIENCE_SECONDS)
            eventually(lambda asked=asked: asked().status_code == 200, PATIENCE_SECONDS, f"{uuid} has its large")

    def delete(self, uuid: str) -> None:
        """Put a file into the bin."""
        self._post(f"/collections/files/{uuid}/delete", {})

    def status(self, collection: str) -> dict[str, Any]:
        """Where the files of a collection stand."""
        return self._answer(self._session.get(f"{self.page(collection)}/status", timeout=PATIENCE_SECONDS))

    def digests(self, collection: str) -> list[str]:
        """The SHA-256 of every original, as somebody who downloads it counts."""
        files = self.status(collection)["files"]
        return [self._digest(file["full"]) for file in files]

    def _digest(self, path: str) -> str:
        answer = self._session.get(self.url + path, timeout=PATIENCE_SECONDS)
        assert answer.ok
        return hashlib.sha256(answer.content).hexdigest()

    @property
    def cookies(self) -> list[Any]:
        """What signs a browser in."""
        return [{"name": c.name, "value": c.value or "", "url": self.url} for c in self._session.cookies]

    def _post(self, path: str, data: dict[str, str], **more: Any) -> dict[str, Any]:
        page = self._session.get(f"{self.url}/auth/sign-in", headers={"Accept": "text/html"}, timeout=PATIENCE_SECONDS)
        found = TOKEN.search(page.text)
        assert found
        headers = {"X-CSRFToken": found[1]}
        return self._answer(
            self._session.post(self.url + path, data, headers=headers, timeout=PATIENCE_SECONDS, **more)
        )

    @staticmethod
    def _answer(response: requests.Response) -> dict[str, Any]:
        assert response.ok, f"{response.status_code}: {response.text}"
        return dict(response.json())
