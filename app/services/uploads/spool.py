"""One incoming file on its way to the store: on disk, counted, and hashed as it arrives."""

from __future__ import annotations

import errno
import hashlib
import tempfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from app.disk import DISK_FULL, is_full
from app.errors import FileEmpty, FileTooLarge, SpoolFull, UploadRefused
from app.services.uploads.limits import MEGABYTE

HEAD_BYTES = 4096


class Spool:
    """A temporary file with the length, SHA-256, CRC-32 and first bytes of what was written to it."""

    def __init__(self, folder: Path, limit_mb: int) -> None:
        self.stream = _temporary(folder)
        self.size = 0
        self.head = b""
        self.crc32 = 0
        self.refusal: UploadRefused | None = None
        self._sha256 = hashlib.sha256()
        self._limit_mb = limit_mb

    @property
    def sha256(self) -> str:
        """The digest so far, as 64 hexadecimal digits."""
        return self._sha256.hexdigest()

    def receive(self, chunks: Iterable[bytes]) -> None:
        """Take all chunks and stand at the start; raises UploadRefused, after reading on to the end of the part."""
        for chunk in chunks:
            self._take(chunk)
        if self.size == 0:
            self.refusal = FileEmpty("This file is empty (0 bytes).")
        if self.refusal is not None:
            raise self.refusal
        self.stream.seek(0)

    def _take(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.refusal is None and self.size > self._limit_mb * MEGABYTE:
            self._give_up(FileTooLarge(f"This file is larger than {self._limit_mb} MB, the limit on this server."))
        if self.refusal is None:
            self._write(chunk)

    def _write(self, chunk: bytes) -> None:
        try:
            rest = memoryview(chunk)
            while rest:
                rest = rest[self.stream.write(rest) :]
        except OSError as error:
            if not is_full(error) and error.errno != errno.EFBIG:
                raise
            self._give_up(SpoolFull(DISK_FULL))
            return
        self._sha256.update(chunk)
        self.crc32 = zlib.crc32(chunk, self.crc32)
        if len(self.head) < HEAD_BYTES:
            self.head = (self.head + chunk)[:HEAD_BYTES]

    def _give_up(self, refusal: UploadRefused) -> None:
        self.refusal = refusal
        self.stream.seek(0)
        self.stream.truncate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stream.close()


def _temporary(folder: Path) -> IO[bytes]:
    """An empty file without a name; raises SpoolFull.

    Unbuffered: bytes still in a buffer would meet the full disk later, when nobody expects it of a seek or close.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryFile(dir=folder, buffering=0)
    except OSError as error:
        if not is_full(error):
            raise
        raise SpoolFull(DISK_FULL) from error
