"""A full disk: how it is known, and what the sender of a file is told of it."""

from __future__ import annotations

import errno

DISK_FULL = (
    "The server's disk is full, so this file was not saved. Tell the administrator, and upload it again once there is "
    "space."
)


def is_full(error: OSError) -> bool:
    """Whether a write failed because there is no space left, on the disk or in the quota."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)
