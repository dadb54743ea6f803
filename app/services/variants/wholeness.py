"""Whether a variant in the store has the bytes that it was made with, by length and SHA-256.

A local file is read when it is first served after the process began, and again once it has changed; later looks cost
one `stat`. What a disk changes silently is noticed at the next start.
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

KNOWN = 50_000  # files remembered, some 300 bytes each; of those met last

Stamp = tuple[int, int, int, str]


@dataclass(frozen=True)
class Place:
    """Where a variant lies, and what is known of its bytes: of older ones neither digest nor, it may be, length."""

    path: str
    size: int | None = None
    sha256: str | None = None

    @classmethod
    def of(cls, row: Variant) -> Place:
        """What a row says."""
        return cls(row.path, row.size, row.sha256)


class _Seen:
    """The files that had their digest when they were read, as they were then."""

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
            if len(self._stamps) > KNOWN:
                self._stamps.popitem(last=False)


_seen = _Seen()


def is_whole_file(path: Path, place: Place) -> bool:
    """Whether a local file has its length and digest, as far as they are known; raises ObjectMissing."""
    try:
        found = path.stat()
        if place.size is not None and found.st_size != place.size:
            return False
        if place.sha256 is None:
            return True
        stamp = (found.st_ino, found.st_mtime_ns, found.st_ctime_ns, place.sha256)
        return _seen.has(path, stamp) or _has_digest(path, place.sha256, stamp)
    except FileNotFoundError:
        raise ObjectMissing("It was removed while it was looked at.", place.path) from None


def _has_digest(path: Path, sha256: str, stamp: Stamp) -> bool:
    with path.open("rb") as stream:
        right = hashlib.file_digest(stream, "sha256").hexdigest() == sha256
    if right:
        _seen.add(path, stamp)
    return right


def is_whole(storage: FileStorage, place: Place) -> bool:
    """Whether the object in a store is as it was made, read anew; False if there is none."""
    try:
        if place.size is not None and storage.stat(place.path).size != place.size:
            return False
        if place.sha256 is None:
            return True
        digest = hashlib.sha256()
        with storage.open(place.path) as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
        return digest.hexdigest() == place.sha256
    except ObjectMissing:
        return False
