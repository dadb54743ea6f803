"""Spooling of bytes before they are stored."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import SpoolFull
from app.services.uploads.limits import UploadLimits
from app.services.uploads.spool import Spool


@pytest.fixture
def small_disk() -> Iterator[int]:
    """How many bytes the system writes into a file, as on a disk that is nearly full."""
    room, before = 10_000, resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    yield room
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("over", [1, 100, 100_000])
@pytest.mark.parametrize("chunk", [50, 6_000, 200_000])
def test_full_disk_is_reported_at_any_byte(tmp_path: Path, small_disk: int, over: int, chunk: int) -> None:
    data = b"x" * (small_disk + over)
    with pytest.raises(SpoolFull), Spool(tmp_path, UploadLimits(1_000_000)) as spool:
        spool.receive(data[start : start + chunk] for start in range(0, len(data), chunk))
