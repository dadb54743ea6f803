"""Uploads in pieces: written at their offset, hashed once, and deleted when no upload refers to them."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app import Proofsheet
from app.errors import (
    AppError,
    FileTooLarge,
    NotFound,
    StorageCorrupt,
    StorageFull,
    StorageUnavailable,
    WrongOffset,
)
from app.integrations.local_storage import LocalStorage
from app.models import Upload
from app.services import lookup
from app.services.uploads import chunks, rows
from app.services.uploads.chunks import PartialFile, sweep
from app.services.uploads.resumable import ResumableService
from app.services.uploads.rows import Announced
from tests.support.pictures import jpeg
from tests.support.studio import Studio

DATA = bytes(range(256)) * 40
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def partial(tmp_path: Path) -> PartialFile:
    """An upload of which nothing has arrived."""
    return PartialFile(tmp_path, "an-upload")


def test_pieces_are_joined_where_they_belong(partial: PartialFile) -> None:
    assert partial.received == 0
    assert partial.receive(0, 9, [b"abc", b"", b"def"]) == 6
    assert partial.receive(6, 9, [b"ghi"]) == partial.received == 9
    assert partial.path.read_bytes() == b"abcdefghi"


@pytest.mark.parametrize("offset", [1, 5])
def test_piece_for_a_file_that_is_not_there_is_told_to_begin(partial: PartialFile, offset: int) -> None:
    with pytest.raises(WrongOffset) as caught:
        partial.receive(offset, 9, [b"x"])
    assert (caught.value.received, partial.path.exists()) == (0, False)


@pytest.mark.parametrize("offset", [0, 2, 4])
def test_piece_for_another_place_is_told_the_right_one(partial: PartialFile, offset: int) -> None:
    partial.receive(0, 9, [b"abc"])
    with pytest.raises(WrongOffset) as caught:
        partial.receive(offset, 9, [])
    assert (caught.value.received, partial.received) == (3, 3)


def test_bytes_beyond_the_announced_size_are_refused(partial: PartialFile) -> None:
    with pytest.raises(FileTooLarge, match="announced 4 bytes"):
        partial.receive(0, 4, [b"ab", b"cd", b"e"])
    assert partial.path.read_bytes() == b"abcd"


def test_upload_that_is_cancelled_between_two_pieces_takes_no_more(partial: PartialFile) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"abc"
        partial.remove()
        yield b"def"

    with pytest.raises(NotFound):
        partial.receive(0, 9, pieces())
    assert not partial.path.exists()


def test_file_that_is_gone_can_be_removed_but_not_read(partial: PartialFile) -> None:
    partial.remove()
    with pytest.raises(NotFound):
        partial.whole(SHA256)


@pytest.mark.parametrize(
    "reads",
    [
        [(0, -1)],
        [(0, 1), (1, 4000), (4001, 9000)],
        [(0, 100), (0, 100), (100, -1)],
        [(0, 100), (50, 200), (250, -1), (0, -1)],
        [(500, 100), (0, -1), (5, 5)],
    ],
)
def test_digests_are_those_of_the_whole_file_however_it_is_read(
    partial: PartialFile, reads: list[tuple[int, int]]
) -> None:
    partial.receive(0, len(DATA), [DATA])
    for announced in (SHA256, "0" * 64):
        with partial.whole(announced) as whole:
            for offset, size in reads:
                assert whole.seek(offset) == offset
                assert whole.read(size) == DATA[offset : None if size < 0 else offset + size]
            assert (whole.crc32, whole.is_mismatch) == (zlib.crc32(DATA), announced != SHA256)
        assert (whole.size, whole.head, whole.sha256) == (len(DATA), DATA[:4096], announced)


@pytest.mark.parametrize("reads", [[], [(0, 100)], [(100, -1)]])
def test_file_that_was_not_read_whole_is_no_mismatch(partial: PartialFile, reads: list[tuple[int, int]]) -> None:
    partial.receive(0, len(DATA), [DATA])
    with partial.whole("0" * 64) as whole:
        for offset, size in reads:
            whole.seek(offset)
            whole.read(size)
        assert not whole.is_mismatch


@pytest.mark.parametrize(("age", "removed"), [(59, 0), (60, 0), (61, 1)])
@pytest.mark.parametrize("known", [True, False])
def test_unknown_bytes_are_swept_once_they_are_old(
    partial: PartialFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: int, removed: int, known: bool
) -> None:
    partial.receive(0, 9, [b"abc"])
    os.utime(partial.path, (1000, 1000))
    monkeypatch.setattr(chunks.time, "time", lambda: 1000.0 + age)
    expected = 0 if known else removed
    assert sweep(tmp_path, {"an-upload"} if known else {"another"}, timedelta(minutes=1)) == expected
    assert partial.path.exists() is not bool(expected)


@pytest.mark.parametrize(
    ("error", "expected", "words"),
    [
        (StorageFull("full", "a/key"), StorageFull, "disk is full, so this file is not saved yet"),
        (StorageUnavailable("503", "a/key"), StorageUnavailable, "did not take this file yet"),
        (StorageCorrupt("damaged on the way", "a/key"), StorageCorrupt, "damaged on the way"),
    ],
)
def test_store_that_fails_leaves_the_upload_to_be_completed_later(
    app: Proofsheet,
    studio: Studio,
    monkeypatch: pytest.MonkeyPatch,
    error: AppError,
    expected: type[AppError],
    words: str,
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise error

    owner_id = studio.photographer()
    collection = studio.collection(owner_id)
    data = jpeg()
    with app.app_context():
        service = ResumableService()
        announced = Announced("a.jpg", len(data), hashlib.sha256(data).hexdigest())
        begun = service.begin(lookup.by_uuid(collection).id, owner_id, announced).progress
        assert begun is not None
        upload_id = rows.by_uuid(begun.uuid).id
        service.receive(upload_id, 0, [data])
        with monkeypatch.context() as broken:
            broken.setattr(LocalStorage, "put", fail)
            with pytest.raises(expected, match=words):
                service.complete(upload_id)
        assert rows.find(Upload.id == upload_id) is not None
        assert service.complete(upload_id).files[0].sha256 == announced.sha256
