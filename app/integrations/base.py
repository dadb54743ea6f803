"""Protocol of the storage backends. Keys are relative paths with `/`; an object is never overwritten."""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Protocol, runtime_checkable

from app.errors import InvalidKey
from app.integrations.prices import PriceList

KEY_BYTES = 1024  # limit of S3 and R2
COMPONENT_BYTES = 255  # limit of a file name in ext4, XFS, APFS and NTFS
INCOMING = ".incoming"  # folder of unfinished files in local storage; no key may start with it
LEFTOVER_AGE = timedelta(hours=24)


@dataclass(frozen=True)
class StoredObject:
    """One stored object: key, size in bytes and time of writing (UTC).

    `storage_class` is set only by `put` and `complete`, and only by stores that have storage classes.
    """

    key: str
    size: int
    modified_at: datetime
    storage_class: str | None = None


@dataclass(frozen=True)
class UrlOptions:
    """Response headers of an object that is downloaded by its URL."""

    content_type: str | None = None
    content_disposition: str | None = None


class FileStorage(Protocol):
    """Store of bytes by key. Methods raise subclasses of StorageError, never exceptions of a vendor."""

    name: str

    def put(
        self,
        key: str,
        stream: BinaryIO,
        content_type: str = "application/octet-stream",
        *,
        sha256: str | None = None,
    ) -> StoredObject:
        """Store the rest of a seekable stream and verify it; raises ObjectExists if the key is taken.

        Raises StorageCorrupt and stores nothing if the bytes do not have the given hexadecimal `sha256`.
        """
        ...

    def open(self, key: str) -> BinaryIO:
        """Return a readable binary stream, which the caller closes; raises ObjectMissing.

        It may not be seekable. Reading raises StorageUnavailable if the body ends early.
        """
        ...

    def stat(self, key: str) -> StoredObject:
        """Return size and time of one object; raises ObjectMissing."""
        ...

    def delete(self, key: str) -> None:
        """Delete the object; no error if it does not exist."""
        ...

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield every object whose key starts with the prefix, in key order."""
        ...

    def url(self, key: str, *, signed_at: datetime, expires_at: datetime, options: UrlOptions) -> str | None:
        """Return a URL valid until `expires_at`, equal for equal arguments; None if this store has no URLs."""
        ...

    def local_path(self, key: str) -> Path | None:
        """Return the path of the object on this machine, None if it is stored elsewhere; raises ObjectMissing."""
        ...

    def sweep_leftovers(self, older_than: timedelta = LEFTOVER_AGE, keep: Container[str] = ()) -> int:
        """Delete leftovers of interrupted puts that are older than `older_than`, never objects; return how many.

        Uploads in parts to a key in `keep` are not deleted.
        """
        ...

    def origins(self) -> tuple[str, ...]:
        """Return the external origins to which pages connect, as CSP host sources."""
        ...

    def prices(self) -> PriceList | None:
        """Return the price list of the vendor, None if the store is free."""
        ...


@dataclass(frozen=True)
class StoredPart:
    """A stored part of an unfinished upload: its number from 1, size in bytes and hexadecimal MD5."""

    number: int
    size: int
    md5: str


class PartUploads(Protocol):
    """Uploads in parts that clients send directly to the store; methods raise subclasses of StorageError.

    With an unknown upload id, `listed` and `complete` raise ObjectMissing.
    """

    part_bytes: int

    def begin(self, key: str, content_type: str) -> str:
        """Start an upload to the key; return its upload id."""
        ...

    def url(self, key: str, upload_id: str, number: int, md5: str, seconds: int) -> str:
        """Return a URL to PUT one part with this Content-MD5 (base64), valid for `seconds`."""
        ...

    def listed(self, key: str, upload_id: str) -> list[StoredPart]:
        """Return the stored parts in the order of their numbers."""
        ...

    def complete(self, key: str, upload_id: str, parts: Sequence[StoredPart]) -> StoredObject:
        """Assemble the object from the parts; raises ObjectExists, or StorageCorrupt if the result differs."""
        ...

    def abort(self, key: str, upload_id: str) -> None:
        """Delete the upload and its parts; no error if it does not exist."""
        ...

    def browser_problem(self, url: str, origin: str, body: bytes, md5: str) -> str | None:
        """Return why a page of this origin cannot send a part to its URL, None if it can."""
        ...

    def get_problem(self, url: str, body: bytes) -> str | None:
        """Return why the URL of an object does not return these bytes, None if it does."""
        ...

    def cors_rules(self, origin: str) -> list[dict[str, Any]]:
        """Return the CORS rules that the store needs for direct uploads from this origin."""
        ...


@runtime_checkable
class TakesParts(Protocol):
    """A store that supports direct uploads in parts; for other stores the app receives the bytes."""

    parts: PartUploads


def checked_key(key: str) -> str:
    """Return the key; raises InvalidKey if a backend cannot store it."""
    problem = _problem(key)
    if problem:
        raise InvalidKey(f"The key {key[:80]!r} {problem}.", key)
    return key


def is_key(text: str) -> bool:
    """Whether the key is valid in every backend."""
    return _problem(text) is None


def checked_prefix(prefix: str) -> str:
    """Return the prefix; raises InvalidKey if no valid key starts with it."""
    if prefix:
        checked_key(prefix + "x" if prefix.endswith("/") else prefix)
    return prefix


def _problem(key: str) -> str | None:
    if not key or any(unicodedata.category(char) in ("Cc", "Cs") or char in "\\\ufffe\uffff" for char in key):
        return "is empty or has a character that no key may have"
    components = key.split("/")
    if any(part in ("", ".", "..") for part in components) or components[0] == INCOMING:
        return "is not a plain relative path"
    if len(key.encode()) > KEY_BYTES or any(len(part.encode()) > COMPONENT_BYTES for part in components):
        return f"is longer than {KEY_BYTES} bytes, or one of its parts than {COMPONENT_BYTES}"
    return None
