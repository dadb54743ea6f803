"""Incoming files, and the results that the sender receives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, Protocol

from app.models import File

DUPLICATE = "duplicate"
NO_SPACE = "disk_full"  # the error code for a full disk of the server


@dataclass(frozen=True)
class IncomingFile:
    """A file being received: its uploaded name, its bytes, which can be read once, and the announced SHA-256 or ""."""

    name: str
    chunks: Iterable[bytes]
    sha256: str = ""


@dataclass(frozen=True)
class Accepted:
    """A stored file; `status` is its processing status, or 'duplicate' if the collection already had it."""

    uuid: str
    name: str
    size: int
    sha256: str
    status: str


@dataclass(frozen=True)
class Refused:
    """A rejected file, with an error code and message."""

    name: str
    code: str
    message: str


@dataclass(frozen=True)
class UploadReport:
    """The results of all files of one upload."""

    files: tuple[Accepted, ...]
    errors: tuple[Refused, ...]

    @property
    def met_full_disk(self) -> bool:
        """Whether no file was accepted, and at least one was refused because of a full disk."""
        return not self.files and any(refused.code == NO_SPACE for refused in self.errors)


class ReceivedFile(Protocol):
    """A completely received file: its stream, size in bytes, SHA-256 in hexadecimal, CRC-32 and first bytes.

    The SHA-256 may be the announced one, because storing verifies it. The CRC-32 is valid once the file is stored.
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
    """An original already in a store: its location, and the name, size and SHA-256 that were announced.

    Committing its file deletes the row of the upload, so that an upload cannot be both cancelled and saved.
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
    """A file whose original is committed: its id and its receipt."""

    file_id: int
    accepted: Accepted


def accepted_as(file: File, status: str) -> Accepted:
    """Return the receipt of a file row."""
    return Accepted(file.uuid, file.original_filename, file.size, file.sha256 or "", str(status))
