"""Recognition of a full disk."""

from __future__ import annotations

import errno


def is_full(error: OSError) -> bool:
    """Whether a write failed because there is no space left, on the disk or in the quota."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)
