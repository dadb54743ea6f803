"""Refusals for the size of a file and for a full disk."""

from __future__ import annotations

import errno

import pytest

from app import Proofsheet
from app.errors import AppError, FileEmpty, FileTooLarge, SpoolFull
from app.services.uploads.limits import DISK_FULL, DISK_FULL_PIECE, UploadLimits, limits, translate_disk_error

LIMITS = UploadLimits(2_000_000)


@pytest.mark.parametrize("size", [1, 2_000_000])
def test_size_within_the_limits_is_accepted(size: int) -> None:
    LIMITS.require_fit(size)


@pytest.mark.parametrize(
    ("size", "error", "words"),
    [(-1, FileEmpty, "0 bytes"), (0, FileEmpty, "0 bytes"), (2_000_001, FileTooLarge, "larger than 2 MB")],
)
def test_size_outside_the_limits_is_refused(size: int, error: type[AppError], words: str) -> None:
    with pytest.raises(error, match=words):
        LIMITS.require_fit(size)


def test_empty_start_of_a_file_is_not_refused() -> None:
    LIMITS.require_at_most(0)


def test_limits_follow_the_setting(app: Proofsheet) -> None:
    app.config["MAX_UPLOAD_MB"] = 3
    with app.app_context():
        assert limits().max_bytes == 3_000_000


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
@pytest.mark.parametrize("message", [DISK_FULL, DISK_FULL_PIECE])
def test_full_disk_becomes_a_refusal_with_its_message(code: int, message: str) -> None:
    refusal = translate_disk_error(OSError(code, "x"), message)
    assert isinstance(refusal, SpoolFull)
    assert str(refusal) == message


def test_other_error_of_the_disk_stays_as_it_is() -> None:
    error = OSError(errno.EIO, "x")
    assert translate_disk_error(error) is error
