"""Spooling of bytes before they are stored."""

from __future__ import annotations

import hashlib
import os
import resource
import signal
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import FileTooLarge, SpoolFull
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


@pytest.mark.parametrize("size", [1, 1000, 4095, 4096, 9000])
def test_bytes_are_counted_and_digested_however_they_come(tmp_path: Path, size: int) -> None:
    data = bytes(range(256)) * 35
    with Spool(tmp_path / "not yet there" / "spool", UploadLimits(len(data))) as spool:
        spool.receive(data[start : start + size] for start in range(0, len(data), size))
        assert spool.stream.read() == data
        assert (spool.size, spool.head, spool.crc32) == (len(data), data[:4096], zlib.crc32(data))
        assert spool.sha256 == hashlib.sha256(data).hexdigest()


def test_refused_file_is_read_to_its_end_and_takes_no_space(tmp_path: Path) -> None:
    chunks = iter([b"abc"] * 5)
    with Spool(tmp_path, UploadLimits(5)) as spool:
        with pytest.raises(FileTooLarge):
            spool.receive(chunks)
        assert (list(chunks), spool.size, os.fstat(spool.stream.fileno()).st_size) == ([], 15, 0)
    assert spool.stream.closed
