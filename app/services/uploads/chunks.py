"""Big files in chunks through the app: a partial file on disk, whose length says how much has arrived after a kill."""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import IO, BinaryIO, Self

from app.errors import (
    Conflict,
    DigestMismatch,
    FileTooLarge,
    NotFound,
    StorageCorrupt,
    StorageError,
    StorageFull,
    StorageUnavailable,
    UploadIncomplete,
    WrongOffset,
)
from app.services.uploads import rows
from app.services.uploads.limits import DISK_FULL_COMPLETE, DISK_FULL_PIECE, full_or
from app.services.uploads.originals import OriginalService
from app.services.uploads.receipt import SavedFile
from app.services.uploads.rows import CHUNKS, UploadProgress, UploadRecord
from app.services.uploads.spool import HEAD_BYTES
from app.services.uploads.transfer import Destination

FOLDER = "uploads"  # below SPOOL_PATH, where everything else is a temporary file without a name
SUFFIX = ".part"
CHUNK_BYTES = 8 * 1024 * 1024  # what a sender should put into one request: proxies commonly take 10 MB or more
NOT_TAKEN = "The photo store did not take this file yet. All you sent is kept; try again in a moment."


class SpooledChunks:
    """Uploads that come through the app, chunk by chunk, and are kept on its disk until they are complete."""

    def __init__(self, spool_folder: Path, originals: OriginalService) -> None:
        self._spool_folder, self._originals = spool_folder, originals

    def begin(self, collection_id: int, uuid: str, name: str) -> Destination:
        """Return the name of a partial file, which the first chunk creates."""
        return Destination(f"{uuid}{SUFFIX}")

    def standing(self, facts: UploadRecord) -> UploadProgress:
        """Return how many bytes have arrived."""
        return UploadProgress(facts.uuid, CHUNKS, facts.size, self._partial(facts).received, CHUNK_BYTES)

    def receive(self, facts: UploadRecord, offset: int, chunks: Iterable[bytes]) -> int:
        """Write bytes from the offset on; returns where they end. Raises Conflict, and what PartialFile raises."""
        if facts.mode != CHUNKS:
            raise Conflict("This upload goes to the store directly. Ask for the addresses of its parts.")
        return self._partial(facts).receive(offset, facts.size, chunks)

    def finish(self, facts: UploadRecord, md5s: Mapping[int, str]) -> SavedFile:
        """Make an original of the partial file. MD5s of parts are ignored: the SHA-256 is compared.

        Raises UploadIncomplete; StorageError or DatabaseBusy, after which it can be finished again; DigestMismatch,
        after which the upload is gone.
        """
        partial = self._partial(facts)
        if missing := facts.size - partial.received:
            raise UploadIncomplete(missing)
        with partial.whole(facts.sha256) as whole:
            try:
                return self._originals.keep(facts.collection_id, facts.collection_uuid, facts.name, whole)
            except StorageCorrupt:
                if not whole.is_another:
                    raise
            except StorageFull as error:
                raise StorageFull(DISK_FULL_COMPLETE) from error
            except StorageError as error:
                raise StorageUnavailable(NOT_TAKEN) from error
        self.discard(facts)
        raise DigestMismatch

    def discard(self, facts: UploadRecord) -> None:
        """Remove the partial file, then the row."""
        self._partial(facts).remove()
        rows.forget(facts.id)

    def _partial(self, facts: UploadRecord) -> PartialFile:
        return PartialFile(self._spool_folder, facts.uuid)


class PartialFile:
    """The bytes of one upload that are here so far.

    Every write looks, under a lock that the kernel takes back from a killed process, whether the file ends where the
    bytes belong: of two senders one is told to go on elsewhere, and one that hangs keeps nobody out.
    """

    def __init__(self, spool_folder: Path, uuid: str) -> None:
        self.path = spool_folder / FOLDER / f"{uuid}{SUFFIX}"

    @property
    def received(self) -> int:
        """How many bytes are here."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def receive(self, offset: int, size: int, chunks: Iterable[bytes]) -> int:
        """Take bytes that begin at the offset; returns where they end.

        Raises WrongOffset, FileTooLarge for bytes beyond `size`, SpoolFull, and NotFound if the upload was cancelled
        meanwhile. What was written before stays.
        """
        with self._opened(offset) as descriptor:
            _place(descriptor, offset, b"")
            for chunk in chunks:
                if offset + len(chunk) > size:
                    raise FileTooLarge(f"More was sent than the {size} bytes that were announced.")
                _place(descriptor, offset, chunk)
                offset += len(chunk)
        return offset

    @contextmanager
    def _opened(self, offset: int) -> Iterator[int]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_CLOEXEC | (0 if offset else os.O_CREAT), 0o640)
        except FileNotFoundError:
            raise WrongOffset(0) from None
        except OSError as error:
            raise full_or(error, DISK_FULL_PIECE) from error
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def whole(self, sha256: str) -> HashingReader:
        """The file as it has arrived, to be read; raises NotFound if it is gone."""
        try:
            return HashingReader(self.path.open("rb"), sha256)
        except FileNotFoundError:
            raise NotFound from None

    def remove(self) -> None:
        """Throw away what has arrived."""
        self.path.unlink(missing_ok=True)


class HashingReader:
    """A received file that computes its digests while it is read; it may be read several times."""

    def __init__(self, file: IO[bytes], announced: str) -> None:
        self._file, self._announced = file, announced
        self._digested = 0
        self._sha256 = hashlib.sha256()
        self.stream: BinaryIO = self  # type: ignore[assignment]  # read, seek and tell are all that a store uses
        self.size = os.fstat(file.fileno()).st_size
        self.head = os.pread(file.fileno(), HEAD_BYTES, 0)
        self.crc32 = 0

    @property
    def sha256(self) -> str:
        """The digest that was announced."""
        return self._announced

    @property
    def is_another(self) -> bool:
        """Whether it has been read to its end, and is not what was announced."""
        return self._digested == self.size and self._sha256.hexdigest() != self._announced

    def read(self, size: int = -1) -> bytes:
        """Up to so many bytes from where it stands."""
        start = self._file.tell()
        data = self._file.read(size)
        if start <= self._digested < start + len(data):
            fresh = memoryview(data)[self._digested - start :]
            self._sha256.update(fresh)
            self.crc32 = zlib.crc32(fresh, self.crc32)
            self._digested += len(fresh)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a position; returns it."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Where it stands."""
        return self._file.tell()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def sweep(spool_folder: Path, known: Collection[str], older_than: timedelta) -> int:
    """Remove what is here of uploads whose uuid is not known, if nothing was added for so long; returns how many."""
    before, removed = time.time() - older_than.total_seconds(), 0
    for path in (spool_folder / FOLDER).glob(f"*{SUFFIX}"):
        with suppress(FileNotFoundError):
            if path.stem not in known and path.stat().st_mtime < before:
                path.unlink()
                removed += 1
    return removed


def _place(descriptor: int, offset: int, chunk: bytes) -> None:
    """Write at the offset if that is the end of the file."""
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        found = os.fstat(descriptor)
        if not found.st_nlink:
            raise NotFound
        if found.st_size != offset:
            raise WrongOffset(found.st_size)
        rest = memoryview(chunk)
        while rest:
            written = os.pwrite(descriptor, rest, offset)
            rest, offset = rest[written:], offset + written
    except OSError as error:
        raise full_or(error, DISK_FULL_PIECE) from error
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
