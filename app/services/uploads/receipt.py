"""What is sent, and what the sender is told of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, Protocol

from app.models import File

DUPLICATE = "duplicate"
NO_SPACE = "disk_full"  # the code of whatever could not be kept because a disk of the server is full


@dataclass(frozen=True)
class IncomingFile:
    """A file as it arrives: the sender's name for it, its bytes, read once, and the SHA-256 they are said to have."""

    name: str
    chunks: Iterable[bytes]
    sha256: str = ""


@dataclass(frozen=True)
class Accepted:
    """A file that is safe; `status` is its processing status, or 'duplicate' if the collection had it already."""

    uuid: str
    name: str
    size: int
    sha256: str
    status: str


@dataclass(frozen=True)
class Refused:
    """A file that was not taken, and why."""

    name: str
    code: str
    message: str


@dataclass(frozen=True)
class UploadReport:
    """What became of every file of one upload."""

    files: tuple[Accepted, ...]
    errors: tuple[Refused, ...]

    @property
    def met_full_disk(self) -> bool:
        """Whether nothing was taken, and a full disk of the server is a reason."""
        return not self.files and any(refused.code == NO_SPACE for refused in self.errors)


class ReceivedFile(Protocol):
    """A file that has arrived completely: its stream, length, SHA-256 in hexadecimal, CRC-32 and first bytes.

    The SHA-256 may be the announced one, since storing compares it. The CRC-32 is valid once the file is stored.
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
class SavedFile:
    """A file whose original is committed: its id, and the sender's receipt."""

    file_id: int
    accepted: Accepted


def accepted_as(file: File, status: str) -> Accepted:
    """What the uploader is told of a row."""
    return Accepted(file.uuid, file.original_filename, file.size, file.sha256 or "", str(status))
