"""How a big file is divided, and a store that takes no parts any more."""

from __future__ import annotations

from typing import Any, cast

import pytest

from app.errors import StorageUnavailable
from app.services.storage_service import StorageService
from app.services.uploads.originals import OriginalService
from app.services.uploads.parts import DirectParts, part_sizes
from app.services.uploads.rows import UploadRecord


def record(size: int, part_size: int | None) -> UploadRecord:
    """An upload in parts."""
    return UploadRecord(1, "uuid", 1, "uuid", "a.jpg", size, "0" * 64, "r2", "a/key", "an id", part_size)


@pytest.mark.parametrize(
    ("size", "part_size", "sizes"),
    [(10, 4, {1: 4, 2: 4, 3: 2}), (8, 4, {1: 4, 2: 4}), (3, 4, {1: 3}), (3, None, {1: 3})],
)
def test_parts_are_equal_except_the_last(size: int, part_size: int | None, sizes: dict[int, int]) -> None:
    assert part_sizes(record(size, part_size)) == sizes


class WithoutParts:
    """A store that takes whole files only."""

    backend = "local"

    def parts(self, backend: str) -> None:
        """There is no way to send parts."""


@pytest.mark.parametrize(
    "ask",
    [lambda parts: parts.progress(record(8, 4)), lambda parts: parts.begin(1, "uuid", "a.jpg")],
    ids=["progress", "begin"],
)
def test_store_that_takes_no_parts_is_unavailable(ask: Any) -> None:
    parts = DirectParts(cast(StorageService, WithoutParts()), cast(OriginalService, None))
    assert not parts.are_supported
    with pytest.raises(StorageUnavailable, match="no longer accepts parts") as caught:
        ask(parts)
    assert caught.value.key in ("", "a/key")
