"""Behaviour specific to local storage."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.errors import InvalidKey, ObjectMissing, StorageCorrupt, StorageUnavailable
from app.integrations.base import UrlOptions
from app.integrations.local_storage import LocalStorage

KEY = "collections/c/photo.jpg"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def leftovers(storage: LocalStorage) -> list[str]:
    return names(storage.incoming) if storage.incoming.exists() else []


def test_bytes_are_stored_under_their_key(local: LocalStorage) -> None:
    local.put(KEY, io.BytesIO(b"picture"))
    assert local.local_path(KEY) == local.root / KEY
    assert (local.root / KEY).read_bytes() == b"picture"
    assert (local.root / KEY).stat().st_mode & 0o007 == 0
    assert leftovers(local) == []


def test_has_no_urls(local: LocalStorage) -> None:
    now = datetime.now(UTC)
    assert local.url(KEY, signed_at=now, expires_at=now + timedelta(hours=1), options=UrlOptions()) is None
    with pytest.raises(ObjectMissing):
        local.local_path(KEY)


@pytest.mark.parametrize("target", ["outside", "loop"])
def test_links_never_lead_outside(local: LocalStorage, tmp_path: Path, target: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    (local.root / "loop").symlink_to("loop")
    (local.root / "link").symlink_to(outside if target == "outside" else "loop")
    (local.root / "file").symlink_to(outside / "secret")
    with pytest.raises((InvalidKey, StorageUnavailable, ObjectMissing)):
        local.open("link/secret")
    with pytest.raises((InvalidKey, StorageUnavailable)):
        local.put("link/new", io.BytesIO(b"x"))
    with pytest.raises(ObjectMissing):
        local.open("file")
    assert list(local.list()) == []
    assert names(outside) == ["secret"]


def test_other_kinds_of_files_are_no_objects(local: LocalStorage) -> None:
    local.put("folder/a", io.BytesIO(b"a"))
    os.mkfifo(local.root / "pipe")
    for key in ("folder", "pipe", "folder/a/b"):
        with pytest.raises(ObjectMissing):
            local.open(key)
        with pytest.raises(ObjectMissing):
            local.stat(key)
    local.delete("folder")
    local.delete("folder/a/b")
    assert [item.key for item in local.list()] == ["folder/a"]


@pytest.mark.parametrize("key", ["folder", "folder/a/b", "folder/a/b/c"])
def test_a_key_cannot_be_both_file_and_folder(local: LocalStorage, key: str) -> None:
    local.put("folder/a", io.BytesIO(b"a"))
    with pytest.raises(InvalidKey):
        local.put(key, io.BytesIO(b"b"))
    assert leftovers(local) == []


class Shrinking(io.BytesIO):
    """A spool that is shorter than its announced size."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(size)[:-1] if self.tell() == 0 else b""


class Failing(io.BytesIO):
    """A spool on a failing disk."""

    def read(self, size: int | None = -1) -> bytes:
        raise OSError(errno.EIO, "Input/output error")


@pytest.mark.parametrize(("stream", "error"), [(Shrinking, StorageCorrupt), (Failing, StorageUnavailable)])
def test_a_failed_put_leaves_nothing(local: LocalStorage, stream: type[io.BytesIO], error: type[Exception]) -> None:
    with pytest.raises(error):
        local.put(KEY, stream(b"four"))
    assert list(local.list()) == []
    assert leftovers(local) == []


FULL_DISK = """
import io, resource, signal, sys
from pathlib import Path
from app.errors import StorageUnavailable
from app.integrations.local_storage import LocalStorage
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
storage = LocalStorage(Path(sys.argv[1]))
try:
    storage.put("big", io.BytesIO(bytes(3_000_000)))
except StorageUnavailable as error:
    print(error)
"""


def test_a_write_that_the_system_refuses_is_named_and_leaves_nothing(local: LocalStorage) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(local.root)], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout == "The storage folder cannot be used: File too large.\n"
    assert leftovers(local) == []


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="needs /dev/full")
def test_a_full_disk_is_named(local: LocalStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.open

    def on_full_disk(path: str, flags: int, mode: int = 0o777) -> int:
        return opened("/dev/full", os.O_WRONLY) if flags & os.O_EXCL else opened(path, flags, mode)

    monkeypatch.setattr(os, "open", on_full_disk)
    with pytest.raises(StorageUnavailable, match="is full"):
        local.put(KEY, io.BytesIO(b"picture"))


def test_delete_takes_the_empty_folders_along(local: LocalStorage) -> None:
    local.put("collections/c/variants/thumb.jpg", io.BytesIO(b"t"))
    local.put("collections/d/photo.jpg", io.BytesIO(b"p"))
    local.delete("collections/c/variants/thumb.jpg")
    assert names(local.root / "collections") == ["d"]
    local.delete("collections/d/photo.jpg")
    assert names(local.root) == [".incoming"]


def test_puts_survive_deletes_that_prune_their_folder(local: LocalStorage) -> None:
    def churn() -> None:
        while not done.is_set():
            local.put("a/b/c/passing", io.BytesIO(b"x"))
            local.delete("a/b/c/passing")

    done = threading.Event()
    churning = threading.Thread(target=churn)
    churning.start()
    try:
        for number in range(30):
            local.put(f"a/b/c/{number}", io.BytesIO(b"y"))
            local.delete(f"a/b/c/{number}")
    finally:
        done.set()
        churning.join(60)
    assert list(local.list()) == []


def test_old_leftovers_are_swept(local: LocalStorage) -> None:
    assert local.sweep_leftovers() == 0
    for name, hours in (("old", 25), ("young", 23)):
        path = local.incoming / name
        path.write_bytes(b"half")
        moment = (datetime.now(UTC) - timedelta(hours=hours)).timestamp()
        os.utime(path, (moment, moment))
    assert local.sweep_leftovers() == 1
    assert leftovers(local) == ["young"]
    assert list(local.list()) == []


def test_foreign_files_do_not_break_the_list(local: LocalStorage) -> None:
    for name in (b"back\\slash", b"latin-\xe9", b"line\nbreak", b"fine"):
        (local.root / os.fsdecode(name)).write_bytes(b"x")
    assert [item.key for item in local.list()] == ["fine"]
