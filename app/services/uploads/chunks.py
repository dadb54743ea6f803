"""Large files sent in chunks through the app: a partial file on disk, whose length is the number of bytes received."""

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
from app.services.uploads.limits import DISK_FULL_COMPLETE, DISK_FULL_PIECE, translate_disk_error
from app.services.uploads.originals import OriginalService
from app.services.uploads.receipt import SavedFile
from app.services.uploads.rows import CHUNKS, UploadProgress, UploadRecord
from app.services.uploads.spool import HEAD_BYTES
from app.services.uploads.transfer import Destination

FOLDER = "uploads"  # below SPOOL_PATH
SUFFIX = ".part"
CHUNK_BYTES = 8 * 1024 * 1024  # the size to send per request; proxies commonly allow 10 MB or more
NOT_TAKEN = "The photo store did not take this file yet. Everything you sent is kept; try again in a moment."


class SpooledChunks:
    """Uploads through the app in chunks, kept on its disk until they are complete."""

    def __init__(self, spool_folder: Path, originals: OriginalService) -> None:
        self._spool_folder, self._originals = spool_folder, originals

    def begin(self, collection_id: int, uuid: str, name: str) -> Destination:
        """Return the name of the partial file; the first chunk creates it."""
        return Destination(f"{uuid}{SUFFIX}")

    def progress(self, record: UploadRecord) -> UploadProgress:
        """Return the progress of an upload."""
        return UploadProgress(record.uuid, CHUNKS, record.size, self._partial(record).received, CHUNK_BYTES)

    def receive(self, record: UploadRecord, offset: int, chunks: Iterable[bytes]) -> int:
        """Write bytes at the offset and return the new length; raises Conflict or an error of PartialFile.receive."""
        if record.mode != CHUNKS:
            raise Conflict("This upload goes directly to the store. Request the URLs of its parts.")
        return self._partial(record).receive(offset, record.size, chunks)

    def finish(self, record: UploadRecord, md5s: Mapping[int, str]) -> SavedFile:
        """Make an original of the partial file, verified by its SHA-256; MD5s of parts are ignored.

        Raises UploadIncomplete; StorageError or DatabaseBusy, after which `finish` can be retried; DigestMismatch,
        after discarding the upload.
        """
        partial = self._partial(record)
        if missing := record.size - partial.received:
            raise UploadIncomplete(missing)
        with partial.whole(record.sha256) as whole:
            try:
                return self._originals.keep(record.collection_id, record.collection_uuid, record.name, whole)
            except StorageCorrupt:
                if not whole.is_mismatch:
                    raise
            except StorageFull as error:
                raise StorageFull(DISK_FULL_COMPLETE) from error
            except StorageError as error:
                raise StorageUnavailable(NOT_TAKEN) from error
        self.discard(record)
        raise DigestMismatch

    def discard(self, record: UploadRecord) -> None:
        """Remove the partial file, then the row."""
        self._partial(record).remove()
        rows.delete_row(record.id)

    def _partial(self, record: UploadRecord) -> PartialFile:
        return PartialFile(self._spool_folder, record.uuid)


class PartialFile:
    """The bytes of one upload received so far.

    Each write checks, under a file lock, that its offset is the end of the file. Of two senders, one gets WrongOffset;
    a sender that stalls does not block the other, and the kernel releases the lock of a killed process.
    """

    def __init__(self, spool_folder: Path, uuid: str) -> None:
        self.path = spool_folder / FOLDER / f"{uuid}{SUFFIX}"

    @property
    def received(self) -> int:
        """The number of bytes received."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def receive(self, offset: int, size: int, chunks: Iterable[bytes]) -> int:
        """Write bytes at the offset and return the new length.

        Raises WrongOffset, FileTooLarge for bytes beyond `size`, SpoolFull, and NotFound if the upload was cancelled;
        bytes written before are kept.
        """
        with self._opened(offset) as descriptor:
            _append(descriptor, offset, b"")
            for chunk in chunks:
                if offset + len(chunk) > size:
                    raise FileTooLarge(f"More was sent than the announced {size} bytes.")
                _append(descriptor, offset, chunk)
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
            raise translate_disk_error(error, DISK_FULL_PIECE) from error
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def whole(self, sha256: str) -> HashingReader:
        """Open the complete file; `sha256` is the announced digest. Raises NotFound if the file was removed."""
        try:
            return HashingReader(self.path.open("rb"), sha256)
        except FileNotFoundError:
            raise NotFound from None

    def remove(self) -> None:
        """Delete the file, if it exists."""
        self.path.unlink(missing_ok=True)


class HashingReader:
    """A received file that computes SHA-256 and CRC-32 while it is first read; it may be read again."""

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
        """The announced digest."""
        return self._announced

    @property
    def is_mismatch(self) -> bool:
        """Return whether the whole file was read and its SHA-256 differs from the announced one."""
        return self._digested == self.size and self._sha256.hexdigest() != self._announced

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes, or all remaining ones."""
        start = self._file.tell()
        data = self._file.read(size)
        if start <= self._digested < start + len(data):
            fresh = memoryview(data)[self._digested - start :]
            self._sha256.update(fresh)
            self.crc32 = zlib.crc32(fresh, self.crc32)
            self._digested += len(fresh)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Set the position and return it."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the position."""
        return self._file.tell()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def sweep(spool_folder: Path, known: Collection[str], older_than: timedelta) -> int:
    """Delete partial files that are unmodified for `older_than` and not in `known`; returns the number deleted."""
    before, removed = time.time() - older_than.total_seconds(), 0
    for path in (spool_folder / FOLDER).glob(f"*{SUFFIX}"):
        with suppress(FileNotFoundError):
            if path.stem not in known and path.stat().st_mtime < before:
                path.unlink()
                removed += 1
    return removed


def _append(descriptor: int, offset: int, chunk: bytes) -> None:
    """Write at the offset; raises WrongOffset unless it is the end of the file, NotFound if the file was deleted."""
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
        raise translate_disk_error(error, DISK_FULL_PIECE) from error
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
