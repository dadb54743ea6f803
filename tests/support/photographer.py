"""A photographer who works over HTTP, as a script does."""

from __future__ import annotations

import hashlib
import re
from functools import partial
from pathlib import Path
from typing import Any, Self

import requests

from tests.support.processes import eventually
from tests.support.studio import EMAIL, JSON, PASSWORD

REQUEST_SECONDS = 120.0
TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)"')


class Photographer:
    """Signed in at a running server; close it, or use it as a context manager."""

    def __init__(
        self, url: str, email: str = EMAIL, password: str = PASSWORD, *, certificate: Path | None = None
    ) -> None:
        self.url = url
        self.http = requests.Session()
        if certificate is not None:
            self.http.trust_env, self.http.verify = False, str(certificate)
            self.http.headers["Referer"] = f"{url}/"  # which forms over TLS need
        self.http.headers.update(JSON)
        self.http.headers["X-CSRFToken"] = self._token("/auth/sign-in")
        self.post("/auth/sign-in", data={"email": email, "password": password}).raise_for_status()
        self.http.headers["X-CSRFToken"] = self._token("/collections/")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.http.close()

    def _token(self, path: str) -> str:
        page = self.get(path, headers={"Accept": "text/html"}).text
        found = TOKEN.search(page)
        assert found is not None, page
        return found[1]

    def get(self, path: str, **more: Any) -> requests.Response:
        """Return the response to a GET."""
        return self.http.get(self.url + path, timeout=REQUEST_SECONDS, **more)

    def post(self, path: str, **more: Any) -> requests.Response:
        """Return the response to a POST."""
        return self.http.post(self.url + path, timeout=REQUEST_SECONDS, **more)

    def headers(self) -> dict[str, str]:
        """Return the headers that sign in a request of another client."""
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.http.cookies)
        return {"Cookie": cookies, "X-CSRFToken": str(self.http.headers["X-CSRFToken"]), **JSON}

    @property
    def cookies(self) -> list[Any]:
        """The cookies that sign in a browser, as Playwright takes them."""
        return [{"name": c.name, "value": c.value or "", "url": self.url} for c in self.http.cookies]

    # --- collections -----------------------------------------------------------------------

    def collection(self, title: str = "Summer wedding", **form: str) -> str:
        """Create a collection, public by default; returns its uuid."""
        return str(_json(self.post("/collections/", data={"title": title, "privacy": "public", **form}))["uuid"])

    def page(self, collection: str) -> str:
        """Return the address of a collection."""
        return f"{self.url}/collections/{collection}"

    def share(self, collection: str) -> str:
        """Return the address of a new share link."""
        return str(_json(self.post(f"/collections/{collection}/links"))["url"])

    def status(self, collection: str) -> dict[str, Any]:
        """Return the counts and the files of a collection."""
        return _json(self.get(f"/collections/{collection}/status"))

    # --- files -----------------------------------------------------------------------------

    def send(self, collection: str, *files: tuple[str, Any]) -> requests.Response:
        """Return the response to an upload of files, each a name and its bytes or an open file."""
        form = [("files", (name, data, "image/jpeg")) for name, data in files]
        return self.post(f"/collections/{collection}/upload", files=form)

    def upload(self, collection: str, *files: tuple[str, bytes]) -> list[str]:
        """Upload files without an error, and wait until they are prepared; returns their uuids."""
        answer = _json(self.send(collection, *files))
        assert not answer["errors"]
        eventually(lambda: not self.status(collection)["counts"]["preparing"], REQUEST_SECONDS, "all are prepared")
        return [file["uuid"] for file in answer["files"]]

    def wait_for_large(self, *uuids: str) -> None:
        """Wait for the `large` variant, which is made after an upload; a visitor who is sooner keeps the preview."""
        for uuid in uuids:
            asked = partial(self.get, f"/collections/files/{uuid}/variants/large")
            eventually(lambda asked=asked: asked().status_code == 200, REQUEST_SECONDS, f"{uuid} has its large")

    def delete(self, uuid: str) -> None:
        """Move a file to the bin."""
        self.post(f"/collections/files/{uuid}/delete").raise_for_status()

    def digests(self, collection: str) -> list[str]:
        """Return the SHA-256 of every original as it is downloaded."""
        originals = [self.get(file["full"]) for file in self.status(collection)["files"]]
        assert all(answer.ok for answer in originals)
        return [hashlib.sha256(answer.content).hexdigest() for answer in originals]


def _json(response: requests.Response) -> dict[str, Any]:
    assert response.ok, f"{response.status_code}: {response.text}"
    return dict(response.json())
