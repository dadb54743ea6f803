"""Spooling: an incoming file is written to disk, counted and hashed before it is stored."""

from __future__ import annotations

import hashlib
import tempfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from app.errors import UploadRefused
from app.services.uploads.limits import UploadLimits, translate_disk_error

HEAD_BYTES = 4096


class Spool:
    """A temporary file with the length, SHA-256, CRC-32 and first bytes of what was written to it."""

    def __init__(self, folder: Path, limits: UploadLimits) -> None:
        self.stream = _temporary(folder)
        self.size = 0
        self.head = b""
        self.crc32 = 0
        self.refusal: UploadRefused | None = None
        self._sha256 = hashlib.sha256()
        self._limits = limits

    @property
    def sha256(self) -> str:
        """The digest of the bytes received so far, in hexadecimal."""
        return self._sha256.hexdigest()

    def receive(self, chunks: Iterable[bytes]) -> None:
        """Write all chunks and rewind the stream; raises UploadRefused, after reading the remaining chunks."""
        for chunk in chunks:
            self._receive_chunk(chunk)
        if self.refusal is not None:
            raise self.refusal
        self._limits.require_fit(self.size)
        self.stream.seek(0)

    def _receive_chunk(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.refusal is not None:
            return
        try:
            self._limits.require_at_most(self.size)
            self._write(chunk)
        except UploadRefused as refusal:
            self._refuse(refusal)

    def _write(self, chunk: bytes) -> None:
        try:
            rest = memoryview(chunk)
            while rest:
                rest = rest[self.stream.write(rest) :]
        except OSError as error:
            raise translate_disk_error(error) from error
        self._sha256.update(chunk)
        self.crc32 = zlib.crc32(chunk, self.crc32)
        if len(self.head) < HEAD_BYTES:
            self.head = (self.head + chunk)[:HEAD_BYTES]

    def _refuse(self, refusal: UploadRefused) -> None:
        self.refusal = refusal
        self.stream.seek(0)
        self.stream.truncate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stream.close()


def _temporary(folder: Path) -> IO[bytes]:
    """Return an empty file without a name; raises SpoolFull.

    It is unbuffered: a full disk then fails the write, not a later seek or close.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryFile(dir=folder, buffering=0)
    except OSError as error:
        raise translate_disk_error(error) from error
