"""The allocator of the C library, set so that memory of decoded pictures returns to the system when it is freed."""

from __future__ import annotations

import ctypes
import sys

THRESHOLD = 4 * 1024 * 1024
# Names and numbers of malloc.h (mallopt(3)). By default glibc raises both thresholds to 32 MiB and more once a block of
# that size was freed, and gives each thread an arena of its own, which keeps what was freed below its last used block:
# eight PNGs of 158 megapixels took 4,126 MB under a budget of 1,000 MB, and 2,600 MB remained. With these values they
# take 720 MB, and 2 MB remain. JPEGs of 45 megapixels cost 4 % more processor time; with 16 MiB, memory remains.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
OPTIONS = {M_TRIM_THRESHOLD: THRESHOLD, M_MMAP_THRESHOLD: THRESHOLD, M_ARENA_MAX: 2}


def return_freed_memory() -> bool:
    """Set OPTIONS for this process and those it forks; return False where the C library is not glibc.

    Must be called before the threads that decode pictures start: existing arenas remain.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    return mallopt is not None and all(mallopt(option, value) == 1 for option, value in OPTIONS.items())
