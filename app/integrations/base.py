"""The protocol every storage backend speaks. Keys are `/`-separated relative paths, written once."""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Protocol, runtime_checkable

from app.errors import InvalidKey
from app.integrations.prices import PriceList

KEY_BYTES = 1024  # what S3 and R2 take
COMPONENT_BYTES = 255  # what ext4, XFS, APFS and NTFS take as one name
INCOMING = ".incoming"  # the one name that no key may begin with: local storage keeps unfinished files there
LEFTOVER_AGE = timedelta(hours=24)


@dataclass(frozen=True)
class StoredObject:
    """One object in a store: its key, its length in bytes, and when it was written (UTC).

    What a put returns says the storage class too, where the store has such.
    """

    key: str
    size: int
    modified_at: datetime
    storage_class: str | None = None


@dataclass(frozen=True)
class UrlOptions:
    """How an object should be handed out by its URL; both are what the browser is told."""

    content_type: str | None = None
    content_disposition: str | None = None


class FileStorage(Protocol):
    """Bytes by key. Every method raises the named children of StorageError and nothing of a vendor's."""

    name: str

    def put(
        self,
        key: str,
        stream: BinaryIO,
        content_type: str = "application/octet-stream",
        *,
        sha256: str | None = None,
    ) -> StoredObject:
        """Store the rest of a seekable stream, verified; raises ObjectExists rather than overwrite.

        Given the hexadecimal `sha256` it must have, other bytes are refused as StorageCorrupt and not kept.
        """
        ...

    def open(self, key: str) -> BinaryIO:
        """A readable binary stream, to be closed by the caller; raises ObjectMissing.

        It need not be seekable. A body that ends early raises StorageUnavailable, never a short success.
        """
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

    def sweep_leftovers(self, older_than: timedelta = LEFTOVER_AGE, keep: Container[str] = ()) -> int:
        """Remove what interrupted puts left behind (never objects); returns how many.

        Parts of a key that is to be kept stay: somebody will send the others.
        """
        ...

    def origins(self) -> tuple[str, ...]:
        """Origins, besides the app's own, that pages load from and send to; each a CSP host source."""
        ...

    def prices(self) -> PriceList | None:
        """The price list of the vendor, by storage class; None if the store charges nothing."""
        ...


@dataclass(frozen=True)
class StoredPart:
    """A part that the store has of an object to come: its number, from 1, its length in bytes, its MD5 in hex."""

    number: int
    size: int
    md5: str


class PartUploads(Protocol):
    """Objects that others send straight to the store, in parts; raises the children of StorageError.

    Of an upload that the store does not know (any more) every method but `abort` raises ObjectMissing.
    """

    part_bytes: int

    def begin(self, key: str, content_type: str) -> str:
        """The store's name for a new upload of this key."""
        ...

    def url(self, key: str, upload_id: str, number: int, md5: str, seconds: int) -> str:
        """Where to PUT one part, with the header Content-MD5 that is given here in base64; others are refused."""
        ...

    def listed(self, key: str, upload_id: str) -> list[StoredPart]:
        """The parts that are there, by number."""
        ...

    def complete(self, key: str, upload_id: str, parts: Sequence[StoredPart]) -> StoredObject:
        """Make the object of these parts; raises ObjectExists, or StorageCorrupt where it is not what they make."""
        ...

    def abort(self, key: str, upload_id: str) -> None:
        """Throw away the parts; an upload that is not there is fine."""
        ...

    def browser_problem(self, url: str, origin: str, body: bytes, md5: str) -> str | None:
        """Why a page of this origin could not send a part to its URL; None if it could."""
        ...

    def get_problem(self, url: str, body: bytes) -> str | None:
        """Why the URL of an object does not give these bytes; None if it does."""
        ...

    def cors_rules(self, origin: str) -> list[dict[str, Any]]:
        """What the store must be told for pages of this origin to send parts."""
        ...


@runtime_checkable
class TakesParts(Protocol):
    """A store that has this; one that has not gets its bytes through the app."""

    parts: PartUploads


def checked_key(key: str) -> str:
    """The key itself, if every backend can hold it; raises InvalidKey."""
    problem = _problem(key)
    if problem:
        raise InvalidKey(f"The key {key[:80]!r} {problem}.", key)
    return key


def is_key(text: str) -> bool:
    """Whether every backend can hold an object of this key."""
    return _problem(text) is None


def checked_prefix(prefix: str) -> str:
    """The prefix itself, if a valid key could start with it; raises InvalidKey."""
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
