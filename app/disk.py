"""Detection of a full disk."""

from __future__ import annotations

import errno


def is_full(error: OSError) -> bool:
    """Whether a write failed because the disk or the quota is full."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)
