"""A folder on the server as a source of originals: read where they lie, and kept exactly as uploads are."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import IO, Any

from app.errors import AppError, Invalid, StorageCorrupt, UploadRefused
from app.models import utc_now
from app.natural_order import natural_key
from app.services import lookup
from app.services.progress import Progress, silent
from app.services.queue import Queue
from app.services.uploads.limits import UploadLimits, limits
from app.services.uploads.names import display_name
from app.services.uploads.originals import OriginalService
from app.services.uploads.receipt import DUPLICATE
from app.services.uploads.spool import HEAD_BYTES

IMPORTED, REFUSED = "imported", "refused"
CHUNK_BYTES = 1_048_576
SETTLED_SECONDS = 5  # a file that has not changed for so long is taken for whole; copies over a network pause for 1-2
LEFT_ALONE = frozenset({"thumbs.db", "desktop.ini"})  # and hidden files: nobody means to deliver these


@dataclass(frozen=True)
class Taken:
    """What became of one file of the folder: `imported`, a `duplicate` of what was there, or `refused` and why."""

    path: Path
    result: str
    uuid: str = ""
    words: str = ""

    def as_json(self) -> dict[str, Any]:
        """What `--json` says of it."""
        return {"path": str(self.path), "result": self.result, "file": self.uuid, "words": self.words}


@dataclass(frozen=True)
class LocalFile:
    """An original that lies on this machine; if it changes after it was hashed, the store refuses it."""

    stream: IO[bytes]
    size: int
    sha256: str
    crc32: int
    head: bytes


@dataclass(frozen=True)
class Stamp:
    """A file at one look: its length in bytes, and its time of change, which no copying program can set back."""

    size: int
    changed_ns: int


class NullQueue:
    """A queue that does nothing: an import leaves the making of variants to a later command or the server."""

    def submit(self, file_id: int, variant: str | None = None, *, background: bool = False) -> None:
        """Nothing: the row says that its variants are to be made."""

    def wait(self, file_ids: object, timeout_seconds: float, variant: str | None = None) -> None:
        """Nothing."""

    def start(self) -> None:
        """Nothing."""

    def leave(self) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class FolderImport:
    """Takes files of this machine into a collection; must be used inside an app context."""

    def __init__(self, collection_uuid: str, queue: Queue | None = None, progress: Progress = silent) -> None:
        """Raises NotFound if there is no such collection."""
        collection = lookup.by_uuid(collection_uuid)
        self._collection = collection.id, collection.uuid
        self._originals = OriginalService(queue or NullQueue())
        self._limits = limits()
        self._progress = progress

    def run(self, paths: Sequence[Path]) -> Generator[Taken, None, None]:
        """Take them one after the other, each in a transaction of its own; what was taken before is a duplicate."""
        with self._progress("Importing", len(paths)) as advance:
            for path in paths:
                yield self._take(path)
                advance(1)

    def _take(self, path: Path) -> Taken:
        try:
            with opened(path, self._limits) as file:
                accepted = self._originals.keep(*self._collection, display_name(path.name), file).accepted
        except StorageCorrupt:
            return Taken(path, REFUSED, words="It changed while it was being read. Import again when it is at rest.")
        except AppError as error:
            return Taken(path, REFUSED, words=error.message)
        except OSError as error:
            return Taken(path, REFUSED, words=f"It cannot be read: {error.strerror or error}.")
        return Taken(path, DUPLICATE if accepted.status == DUPLICATE else IMPORTED, accepted.uuid)


@contextmanager
def opened(path: Path, allowed: UploadLimits) -> Iterator[LocalFile]:
    """The file, hashed and ready to be read again; raises UploadRefused or OSError."""
    with path.open("rb") as stream:
        status = os.fstat(stream.fileno())
        if not S_ISREG(status.st_mode):
            raise UploadRefused("It is no regular file.")
        allowed.require_fit(status.st_size)
        yield _hashed(stream)


def _hashed(stream: IO[bytes]) -> LocalFile:
    sha256, crc32, size, head = hashlib.sha256(), 0, 0, b""
    while chunk := stream.read(CHUNK_BYTES):
        head = head or chunk[:HEAD_BYTES]
        sha256.update(chunk)
        crc32 = zlib.crc32(chunk, crc32)
        size += len(chunk)
    return LocalFile(stream, size, sha256.hexdigest(), crc32, head)


def files_in(folder: Path, *, recursive: bool) -> list[Path]:
    """The files that somebody may mean to deliver, by name; hidden ones are left alone. Raises Invalid."""
    if not folder.is_dir():
        raise Invalid(f"There is no folder {folder}.")
    return sorted(_walk(folder, recursive=recursive), key=_natural_order)


def _natural_order(path: Path) -> tuple[list[str], Path]:
    return [natural_key(part) for part in path.parts], path


def _walk(folder: Path, *, recursive: bool) -> Iterator[Path]:
    try:
        entries = list(os.scandir(folder))
    except OSError as error:
        raise Invalid(f"The folder {folder} cannot be read: {error.strerror}.") from error
    for entry in entries:
        if entry.name.startswith(".") or entry.name.lower() in LEFT_ALONE:
            continue
        if not entry.is_dir():
            yield Path(entry.path)
        elif recursive and not entry.is_symlink():  # a link to a folder above would lead round and round
            yield from _walk(Path(entry.path), recursive=True)


class Watch:
    """A folder into which files are still being copied, looked at again and again.

    Looking works on network shares as well, which tell nobody of what another machine writes.
    """

    def __init__(self, folder: Path, *, recursive: bool) -> None:
        self._folder, self._recursive = folder, recursive
        self._seen: dict[Path, Stamp] = {}
        self._given: dict[Path, Stamp] = {}

    def settled(self) -> list[Path]:
        """Files that are new or have changed, and are as they were at the last look; each once. Raises Invalid."""
        found = ((path, _stamp(path)) for path in files_in(self._folder, recursive=self._recursive))
        there = {path: stamp for path, stamp in found if stamp is not None}
        ready = {path: stamp for path, stamp in there.items() if self._is_ready(path, stamp)}
        self._given = {path: stamp for path, stamp in self._given.items() if path in there} | ready
        self._seen = there
        return list(ready)

    def _is_ready(self, path: Path, stamp: Stamp) -> bool:
        rested = utc_now().timestamp() - stamp.changed_ns / 1e9
        at_rest = stamp == self._seen.get(path) and not 0 <= rested < SETTLED_SECONDS
        return at_rest and stamp != self._given.get(path)


def _stamp(path: Path) -> Stamp | None:
    """What changes whenever the file does; None if it is gone."""
    try:
        status = path.stat()
    except OSError:
        return None
    return Stamp(status.st_size, status.st_ctime_ns)
