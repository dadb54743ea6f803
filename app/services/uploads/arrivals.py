"""Files on their way to being originals: what has arrived, what is stored, and what is kept and promised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, Protocol

from app.models import File
from app.services.uploads.receipt import Accepted


class Arrived(Protocol):
    """A file that is here whole: its bytes, how many, their digests in hexadecimal and as a number, and the first.

    The SHA-256 may be what the sender announced, since storing compares it; the CRC-32 is asked for after that only.
    """

    @property
    def stream(self) -> IO[bytes]: ...
    @property
    def size(self) -> int: ...
    @property
    def sha256(self) -> str: ...
    @property
    def crc32(self) -> int: ...
    @property
    def head(self) -> bytes: ...


@dataclass(frozen=True)
class Stored:
    """An original that is in a store already: where, what it is to be called, and what it was announced as.

    The row of its upload goes when the file is committed, so that it cannot be cancelled and kept at once.
    """

    upload_id: int
    uuid: str
    backend: str
    path: str
    storage_class: str | None
    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Kept:
    """A file whose original is safe: its id, and what its sender is told."""

    file_id: int
    accepted: Accepted


def accepted_as(file: File, status: str) -> Accepted:
    """What the uploader is told of a row."""
    return Accepted(file.uuid, file.original_filename, file.size, file.sha256 or "", str(status))
