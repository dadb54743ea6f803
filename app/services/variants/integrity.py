"""Verification of stored variants against their recorded length and SHA-256.

A local file is hashed when first served by a process, and again after it has changed; other requests cost one `stat`.
Silent disk corruption is therefore detected after the next restart.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from app.errors import ObjectMissing
from app.integrations.base import FileStorage
from app.models import Variant

CACHE_SIZE = 50_000  # verified files, about 300 bytes each; the least recently verified are dropped

Stamp = tuple[int, int, int, str]


@dataclass(frozen=True)
class VariantLocation:
    """The storage key of a variant, with its length in bytes and SHA-256 if recorded; older variants may lack both."""

    path: str
    size: int | None = None
    sha256: str | None = None

    @classmethod
    def of(cls, row: Variant) -> VariantLocation:
        """Return the location that a row records."""
        return cls(row.path, row.size, row.sha256)


class _VerifiedFiles:
    """Cache of local files whose digest was right, with the `stat` values at that time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stamps: OrderedDict[Path, Stamp] = OrderedDict()

    def has(self, path: Path, stamp: Stamp) -> bool:
        with self._lock:
            return self._stamps.get(path) == stamp

    def add(self, path: Path, stamp: Stamp) -> None:
        with self._lock:
            self._stamps[path] = stamp
            self._stamps.move_to_end(path)
            if len(self._stamps) > CACHE_SIZE:
                self._stamps.popitem(last=False)


_verified = _VerifiedFiles()


def is_intact_file(path: Path, location: VariantLocation) -> bool:
    """Return whether a local file has the recorded length and digest; raises ObjectMissing."""
    try:
        found = path.stat()
        if location.size is not None and found.st_size != location.size:
            return False
        if location.sha256 is None:
            return True
        stamp = (found.st_ino, found.st_mtime_ns, found.st_ctime_ns, location.sha256)
        return _verified.has(path, stamp) or _has_digest(path, location.sha256, stamp)
    except FileNotFoundError:
        raise ObjectMissing("It was removed while it was being checked.", location.path) from None


def _has_digest(path: Path, sha256: str, stamp: Stamp) -> bool:
    with path.open("rb") as stream:
        right = hashlib.file_digest(stream, "sha256").hexdigest() == sha256
    if right:
        _verified.add(path, stamp)
    return right


def is_intact(storage: FileStorage, location: VariantLocation) -> bool:
    """Read an object in full and return whether it has the recorded length and digest; False if it is missing."""
    try:
        if location.size is not None and storage.stat(location.path).size != location.size:
            return False
        if location.sha256 is None:
            return True
        digest = hashlib.sha256()
        with storage.open(location.path) as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
        return digest.hexdigest() == location.sha256
    except ObjectMissing:
        return False
