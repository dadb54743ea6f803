"""Limits of an upload: the size of a file and the space on the disk, with the errors for exceeding them."""

from __future__ import annotations

import errno
from dataclasses import dataclass

from flask import current_app

from app.disk import is_full
from app.errors import FileEmpty, FileTooLarge, SpoolFull

MEGABYTE = 1_000_000
RESUMABLE_FROM = 16 * MEGABYTE  # from this size, files are sent in pieces: an interruption loses at most one

# Messages for a full disk: for a file sent in one request, for a piece, for a file whose pieces have all arrived.
DISK_FULL = (
    "The server's disk is full, so this file was not saved. Tell the administrator, and upload it again once there is "
    "space."
)
DISK_FULL_PIECE = (
    "The server's disk is full. The part of this file that has arrived is kept: tell the administrator, and resume "
    "once there is space."
)
DISK_FULL_COMPLETE = (
    "The server's disk is full, so this file is not saved yet. Everything you sent is kept: tell the administrator, "
    "and resume once there is space."
)


@dataclass(frozen=True)
class UploadLimits:
    """Limits of one file, in bytes; the API publishes them to senders."""

    max_bytes: int
    resumable_from_bytes: int = RESUMABLE_FROM

    def require_fit(self, size: int) -> None:
        """Raise FileEmpty or FileTooLarge unless a file of this size is accepted."""
        if size <= 0:
            raise FileEmpty("This file is empty (0 bytes).")
        self.require_at_most(size)

    def require_at_most(self, size: int) -> None:
        """Raise FileTooLarge if the bytes received so far exceed the limit."""
        if size > self.max_bytes:
            megabytes = self.max_bytes // MEGABYTE
            raise FileTooLarge(f"This file is larger than {megabytes} MB, the limit on this server.")


def limits() -> UploadLimits:
    """Return the limits of this server."""
    return UploadLimits(int(current_app.config["MAX_UPLOAD_MB"]) * MEGABYTE)


def translate_disk_error(error: OSError, message: str = DISK_FULL) -> Exception:
    """Return SpoolFull if the disk is full or the file system allows no file this large; else the error itself."""
    return SpoolFull(message) if is_full(error) or error.errno == errno.EFBIG else error
