"""The protocol every storage backend speaks. Keys are `/`-separated relative paths, written once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol


@dataclass(frozen=True)
class StoredObject:
    """One object in a store: its key, its length in bytes, and when it was written (UTC)."""

    key: str
    size: int
    modified_at: datetime


@dataclass(frozen=True)
class UrlOptions:
    """How an object should be handed out by its URL; both are what the browser is told."""

    content_type: str | None = None
    content_disposition: str | None = None


class FileStorage(Protocol):
    """Bytes by key. Every method raises the named children of StorageError and nothing of a vendor's."""

    name: str

    def put(self, key: str, stream: BinaryIO, content_type: str = "application/octet-stream") -> StoredObject:
        """Store the rest of a seekable stream, verified; raises ObjectExists rather than overwrite."""
        ...

    def open(self, key: str) -> BinaryIO:
        """A readable binary stream, to be closed by the caller; raises ObjectMissing."""
        ...

    def stat(self, key: str) -> StoredObject:
        """Length and time of one object; raises ObjectMissing."""
        ...

    def delete(self, key: str) -> None:
        """Remove the object; one that is not there is fine."""
        ...

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Every object whose key starts with the prefix, in key order, page after page."""
        ...

    def url(self, key: str, *, signed_at: datetime, expires_at: datetime, options: UrlOptions) -> str | None:
        """A URL good until `expires_at`, the same for the same arguments; None if this store has none."""
        ...

    def local_path(self, key: str) -> Path | None:
        """Where the bytes lie on this machine, or None if they lie elsewhere; raises ObjectMissing."""
        ...
