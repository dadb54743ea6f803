"""Import of files from a folder on the server, stored exactly as uploads are."""

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
SETTLED_SECONDS = 5  # a file unchanged for this long counts as complete; network copies pause for 1-2 s
IGNORED = frozenset({"thumbs.db", "desktop.ini"})  # in addition to hidden files


@dataclass(frozen=True)
class ImportResult:
    """The result of one file: `imported`, `duplicate`, or `refused` with the reason in `words`."""

    path: Path
    result: str
    uuid: str = ""
    words: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the object printed by `--json`."""
        return {"path": str(self.path), "result": self.result, "file": self.uuid, "words": self.words}


@dataclass(frozen=True)
class LocalFile:
    """A hashed file on this machine; if it changes before it is stored, the store refuses it."""

    stream: IO[bytes]
    size: int
    sha256: str
    crc32: int
    head: bytes


@dataclass(frozen=True)
class Stamp:
    """The size of a file in bytes and its inode change time (ctime), which copying programs cannot set."""

    size: int
    changed_ns: int


class NullQueue:
    """A queue that does nothing: variants are made by a later command or the server."""

    def submit(self, file_id: int, variant: str | None = None, *, background: bool = False) -> None:
        """No-op; the row remains pending."""

    def wait(self, file_ids: object, timeout_seconds: float, variant: str | None = None) -> None:
        """No-op."""

    def start(self) -> None:
        """No-op."""

    def leave(self) -> None:
        """No-op."""

    def close(self) -> None:
        """No-op."""


class FolderImport:
    """Imports files of this machine into a collection; must be used inside an app context."""

    def __init__(self, collection_uuid: str, queue: Queue | None = None, progress: Progress = silent) -> None:
        """Raise NotFound if the collection does not exist."""
        collection = lookup.by_uuid(collection_uuid)
        self._collection = collection.id, collection.uuid
        self._originals = OriginalService(queue or NullQueue())
        self._limits = limits()
        self._progress = progress

    def run(self, paths: Sequence[Path]) -> Generator[ImportResult, None, None]:
        """Import files one after another, each in a separate transaction; yields a result for each."""
        with self._progress("Importing", len(paths)) as advance:
            for path in paths:
                yield self._import(path)
                advance(1)

    def _import(self, path: Path) -> ImportResult:
        try:
            with opened(path, self._limits) as file:
                accepted = self._originals.keep(*self._collection, display_name(path.name), file).accepted
        except StorageCorrupt:
            return ImportResult(path, REFUSED, words="It changed while it was being read. Import it again later.")
        except AppError as error:
            return ImportResult(path, REFUSED, words=error.message)
        except OSError as error:
            return ImportResult(path, REFUSED, words=f"It cannot be read: {error.strerror or error}.")
        return ImportResult(path, DUPLICATE if accepted.status == DUPLICATE else IMPORTED, accepted.uuid)


@contextmanager
def opened(path: Path, allowed: UploadLimits) -> Iterator[LocalFile]:
    """Open and hash a file; raises UploadRefused or OSError."""
    with path.open("rb") as stream:
        status = os.fstat(stream.fileno())
        if not S_ISREG(status.st_mode):
            raise UploadRefused("It is not a regular file.")
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
    """Return the files in a folder in natural order, without hidden ones and IGNORED; raises Invalid."""
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
        if entry.name.startswith(".") or entry.name.lower() in IGNORED:
            continue
        if not entry.is_dir():
            yield Path(entry.path)
        elif recursive and not entry.is_symlink():  # a link to a parent folder would recurse endlessly
            yield from _walk(Path(entry.path), recursive=True)


class Watch:
    """A folder into which files are being copied, observed by polling.

    Polling also works on network shares, which do not report changes made by other machines.
    """

    def __init__(self, folder: Path, *, recursive: bool) -> None:
        self._folder, self._recursive = folder, recursive
        self._seen: dict[Path, Stamp] = {}
        self._returned: dict[Path, Stamp] = {}

    def settled(self) -> list[Path]:
        """Return new or changed files, each once, as soon as they have stopped changing; raises Invalid."""
        found = ((path, _stamp(path)) for path in files_in(self._folder, recursive=self._recursive))
        there = {path: stamp for path, stamp in found if stamp is not None}
        ready = {path: stamp for path, stamp in there.items() if self._is_ready(path, stamp)}
        self._returned = {path: stamp for path, stamp in self._returned.items() if path in there} | ready
        self._seen = there
        return list(ready)

    def _is_ready(self, path: Path, stamp: Stamp) -> bool:
        rested = utc_now().timestamp() - stamp.changed_ns / 1e9
        at_rest = stamp == self._seen.get(path) and not 0 <= rested < SETTLED_SECONDS
        return at_rest and stamp != self._returned.get(path)


def _stamp(path: Path) -> Stamp | None:
    """Return the stamp of a file, or None if it cannot be read."""
    try:
        status = path.stat()
    except OSError:
        return None
    return Stamp(status.st_size, status.st_ctime_ns)
