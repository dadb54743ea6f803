"""Test the store: write, read, list and delete a probe object, and try presigned URLs and CORS where there are any."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from app.errors import StorageCorrupt, StorageError
from app.integrations.base import FileStorage, PartUploads, UrlOptions
from app.models import new_uuid, utc_now
from app.services.storage_service import StorageService

URL_LIFE = timedelta(minutes=5)
PROBES = "probes/"  # outside collections/, so that a probe is never reported as an orphan


@dataclass(frozen=True)
class Step:
    """A tested operation; `problem` describes the failure, None means success."""

    name: str
    problem: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the step as printed by `--json`."""
        return {"step": self.name, "ok": self.problem is None, "problem": self.problem}


class StorageCheck:
    """Tests one store; must be created inside an app context unless `storage` is given."""

    def __init__(self, storage: StorageService | None = None) -> None:
        service = storage or StorageService()
        self.backend = service.backend
        self._storage: FileStorage = service.current
        self._parts: PartUploads | None = service.parts(service.backend)
        self._data = f"Proofsheet was here: {new_uuid()}".encode()
        self._key = f"{PROBES}{new_uuid()}.txt"
        self._tries: list[tuple[str, Callable[[], str | None]]] = [
            ("write", self._write),
            ("read", self._read),
            ("list", self._list),
        ]
        if self._parts is not None:
            self._tries.append(("presigned URL", partial(self._url, self._parts)))

    @property
    def sends_directly(self) -> bool:
        """Whether browsers upload large files directly to this store."""
        return self._parts is not None

    def steps(self, origin: str | None = None) -> Generator[Step, None, None]:
        """Run the tests and yield each result; with an origin, includes a direct upload from its pages (CORS)."""
        try:
            for name, attempt in self._tries:
                yield _tried(name, attempt)
            if self._parts is not None and origin is not None:
                yield from self._cors(self._parts, origin)
        finally:
            deleted = _tried("delete", self._delete)
        yield deleted

    def rules(self, origin: str) -> list[dict[str, Any]]:
        """Return the CORS rules that the bucket needs for pages of this origin; empty without direct uploads."""
        return self._parts.cors_rules(origin) if self._parts is not None else []

    def _write(self) -> str | None:
        self._storage.put(
            self._key, io.BytesIO(self._data), "text/plain", sha256=hashlib.sha256(self._data).hexdigest()
        )
        return None

    def _read(self) -> str | None:
        with self._storage.open(self._key) as stream:
            return None if stream.read() == self._data else "The store returned other bytes than were written."

    def _list(self) -> str | None:
        found = any(item.key == self._key for item in self._storage.list(PROBES))
        return None if found else "The listing lacks the object that was written."

    def _url(self, parts: PartUploads) -> str | None:
        now = utc_now()
        url = self._storage.url(self._key, signed_at=now, expires_at=now + URL_LIFE, options=UrlOptions())
        return parts.get_problem(url, self._data) if url else "The store returned no presigned URL."

    def _delete(self) -> str | None:
        self._storage.delete(self._key)
        found = any(item.key == self._key for item in self._storage.list(PROBES))
        return "The listing still has the object that was deleted." if found else None

    def _cors(self, parts: PartUploads, origin: str) -> Iterator[Step]:
        """Begin a multipart upload, send a part as a page would, and abort the upload."""
        key = f"{PROBES}{new_uuid()}.bin"
        upload_id = ""

        def preflight() -> str | None:
            nonlocal upload_id
            upload_id = parts.begin(key, "application/octet-stream")
            md5 = base64.b64encode(hashlib.md5(self._data, usedforsecurity=False).digest()).decode("ascii")
            url = parts.url(key, upload_id, 1, md5, int(URL_LIFE.total_seconds()))
            return parts.browser_problem(url, origin, self._data, md5)

        try:
            yield _tried(f"direct upload from {origin}", preflight)
        finally:
            if upload_id:
                parts.abort(key, upload_id)


def _tried(name: str, attempt: Callable[[], str | None]) -> Step:
    try:
        return Step(name, attempt())
    except (StorageError, OSError) as error:
        words = "The object that was written is missing." if isinstance(error, StorageCorrupt) else str(error)
        return Step(name, words)
