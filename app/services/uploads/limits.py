"""Limits of an upload, and the refusals for what exceeds them: the size of a file, and the space on the disk."""

from __future__ import annotations

import errno
from dataclasses import dataclass

from flask import current_app

from app.disk import is_full
from app.errors import FileEmpty, FileTooLarge, SpoolFull

MEGABYTE = 1_000_000
RESUMABLE_FROM = 16 * MEGABYTE  # a file of this many bytes goes in pieces, so that a break costs one of them at most

# Messages for a full disk: of a file sent at once, of a piece, of a file whose pieces have all arrived.
DISK_FULL = (
    "The server's disk is full, so this file was not saved. Tell the administrator, and upload it again once there is "
    "space."
)
DISK_FULL_PIECE = (
    "The server's disk is full. What has arrived of this file is kept: tell the administrator, and resume once there "
    "is space."
)
DISK_FULL_COMPLETE = (
    "The server's disk is full, so this file is not saved yet. All you sent is kept: tell the administrator, and "
    "resume once there is space."
)


@dataclass(frozen=True)
class UploadLimits:
    """Limits of one file in bytes, which a sender can ask for in advance."""

    max_bytes: int
    resumable_from_bytes: int = RESUMABLE_FROM

    def require_fit(self, size: int) -> None:
        """Raise FileEmpty or FileTooLarge unless a file of this length is accepted."""
        if size <= 0:
            raise FileEmpty("This file is empty (0 bytes).")
        self.require_at_most(size)

    def require_at_most(self, size: int) -> None:
        """Raise FileTooLarge if a file has this many bytes, or more to come."""
        if size > self.max_bytes:
            megabytes = self.max_bytes // MEGABYTE
            raise FileTooLarge(f"This file is larger than {megabytes} MB, the limit on this server.")


def limits() -> UploadLimits:
    """Return the limits of this server."""
    return UploadLimits(int(current_app.config["MAX_UPLOAD_MB"]) * MEGABYTE)


def full_or(error: OSError, message: str = DISK_FULL) -> Exception:
    """Return SpoolFull if there is no space for a file, or the system allows none this long; else the error itself."""
    return SpoolFull(message) if is_full(error) or error.errno == errno.EFBIG else error
