"""What is sent, and what the sender is told of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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
