"""Storage in files below one folder of this machine."""

from __future__ import annotations

import errno
import hashlib
import os
import stat as stat_module
import time
import uuid
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from app.disk import is_full
from app.errors import (
    InvalidKey,
    ObjectExists,
    ObjectMissing,
    StorageCorrupt,
    StorageError,
    StorageFull,
    StorageUnavailable,
)
from app.integrations.base import INCOMING, LEFTOVER_AGE, StoredObject, UrlOptions, checked_key, checked_prefix, is_key
from app.integrations.prices import PriceList

COPY_BYTES = 1024 * 1024
LINK_TRIES = 100  # one fails only if a delete removes the empty folder just before the file is linked into it


class LocalStorage:
    """Objects as files below `root`; each is written completely and flushed to disk, or does not exist."""

    name = "local"

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root = root.resolve()
        self.incoming = self.root / INCOMING

    def path_for(self, key: str) -> Path:
        """Return the path of a key; raises InvalidKey if it is outside the root. All paths are made here."""
        return _path_within(self.root, key)

    def put(
        self,
        key: str,
        stream: BinaryIO,
        content_type: str = "application/octet-stream",
        *,
        sha256: str | None = None,
    ) -> StoredObject:
        """Write and flush a temporary file, then link it to the key; raises ObjectExists if the key is taken."""
        target = self.path_for(key)
        if os.path.lexists(target):
            raise _taken(key, target)
        with _translated(key), self._temporary_file() as (temporary, file):
            _copy_verified(key, stream, file, sha256)
            self._publish(key, temporary, target)
        return self.stat(key)

    def open(self, key: str) -> BinaryIO:
        """Return a buffered, seekable file; raises ObjectMissing."""
        path = self.path_for(key)
        with _lookup(key):
            # O_NOFOLLOW: a symbolic link is not an object; O_NONBLOCK: do not block on a FIFO
            file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK), "rb")
        if not stat_module.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.close()
            raise _missing(key)
        return file

    def stat(self, key: str) -> StoredObject:
        """Return size and time of one object; raises ObjectMissing."""
        path = self.path_for(key)
        with _lookup(key):
            found = path.lstat()
        if not stat_module.S_ISREG(found.st_mode):
            raise _missing(key)
        return _stored(key, found)

    def delete(self, key: str) -> None:
        """Delete the object and folders that become empty; no error if it does not exist."""
        path = self.path_for(key)
        try:
            with _lookup(key):
                path.unlink()
        except ObjectMissing:
            return
        with _translated(key), suppress(FileNotFoundError):  # another delete may have removed the folder
            _flush_folder(self._prune(path.parent))

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield every object whose key starts with the prefix, in key order; reads one folder at a time."""
        checked_prefix(prefix)
        folder, _, _ = prefix.rpartition("/")
        start = self.path_for(folder) if folder else self.root
        return self._walk(start, f"{folder}/" if folder else "", prefix)

    def url(self, key: str, *, signed_at: datetime, expires_at: datetime, options: UrlOptions) -> str | None:
        """Return None: the app sends local files."""
        return None

    def local_path(self, key: str) -> Path | None:
        """Return the path of the file; raises ObjectMissing.

        Remembers the keys that were inside the root: resolving their folders costs more than sending a thumbnail.
        """
        path = _remembered_path_within(self.root, key)
        with _lookup(key):
            if not stat_module.S_ISREG(os.lstat(path).st_mode):
                raise _missing(key)
        return path

    def sweep_leftovers(self, older_than: timedelta = LEFTOVER_AGE, keep: Container[str] = ()) -> int:
        """Delete temporary files older than `older_than`, left by killed puts; return how many."""
        before = time.time() - older_than.total_seconds()
        with _translated(""):
            self.incoming.mkdir(parents=True, exist_ok=True)
            stale = [path for path in self.incoming.iterdir() if path.lstat().st_mtime < before]
            for path in stale:
                path.unlink(missing_ok=True)
        return len(stale)

    def origins(self) -> tuple[str, ...]:
        """Return no origins: the app sends local files."""
        return ()

    def prices(self) -> PriceList | None:
        """Return None: a local disk is free."""
        return None

    @contextmanager
    def _temporary_file(self) -> Iterator[tuple[Path, BinaryIO]]:
        self.incoming.mkdir(exist_ok=True)
        path = self.incoming / uuid.uuid4().hex
        try:
            # x: never an existing file; 0640: not readable by other accounts of the machine
            with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o640)) as file:
                yield path, file
        finally:
            path.unlink(missing_ok=True)

    def _publish(self, key: str, temporary: Path, target: Path) -> None:
        self._link(key, temporary, target)
        try:
            for folder in target.parents[: len(target.relative_to(self.root).parents)]:
                _flush_folder(folder)
        except OSError:
            target.unlink(missing_ok=True)
            raise

    def _link(self, key: str, temporary: Path, target: Path) -> None:
        for _ in range(LINK_TRIES):
            try:
                self._make_folder(key, target.parent)
                os.link(temporary, target)  # unlike rename, fails if the name is taken
            except FileExistsError:
                raise _taken(key, target) from None
            except FileNotFoundError:
                continue
            return
        raise StorageUnavailable("The folder was removed while the file was being stored.", key)

    def _make_folder(self, key: str, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            if any(path.is_file() for path in (folder, *folder.parents)):
                raise InvalidKey(f"A parent of the key {key!r} is a stored file.", key) from None
            # otherwise a delete removed the folder in between; os.link then fails and is retried

    def _prune(self, folder: Path) -> Path:
        """Remove empty folders upwards; return the first that is not empty, or the root."""
        with suppress(OSError):
            while folder != self.root:
                folder.rmdir()
                folder = folder.parent
        return folder

    def _walk(self, folder: Path, base: str, prefix: str) -> Iterator[StoredObject]:
        with suppress(ObjectMissing), _lookup(base):
            for name, entry in _in_key_order(folder):
                key = base + name
                if name.endswith("/") and key != INCOMING + "/" and (key.startswith(prefix) or prefix.startswith(key)):
                    yield from self._walk(folder / entry.name, key, prefix)
                elif key.startswith(prefix) and entry.is_file(follow_symlinks=False) and is_key(key):
                    with suppress(FileNotFoundError):  # deleted since the folder was read
                        yield _stored(key, entry.stat(follow_symlinks=False))


def _path_within(root: Path, key: str) -> Path:
    path = root / checked_key(key)
    if not Path(os.path.realpath(path.parent)).is_relative_to(root):
        raise InvalidKey(f"The key {key!r} is outside the storage folder.", key)
    return path


_remembered_path_within = lru_cache(maxsize=8192)(_path_within)  # about 4 MB


def _in_key_order(folder: Path) -> list[tuple[str, os.DirEntry[str]]]:
    """Return the entries in key order: folder names end with a slash, so `a-b` comes before `a/c`."""
    with os.scandir(folder) as entries:
        named = [(entry.name + "/" * entry.is_dir(follow_symlinks=False), entry) for entry in entries]
    return sorted(named, key=lambda pair: pair[0])


def _copy_verified(key: str, stream: BinaryIO, file: BinaryIO, sha256: str | None) -> None:
    expected, digest, copied = _remaining(stream), hashlib.sha256(), 0
    while chunk := stream.read(COPY_BYTES):
        file.write(chunk)
        digest.update(chunk)
        copied += len(chunk)
    file.flush()
    os.fsync(file.fileno())
    written = os.fstat(file.fileno()).st_size
    if not expected == copied == written:
        raise StorageCorrupt(f"Expected {expected} bytes, read {copied}, wrote {written}.", key)
    if sha256 and digest.hexdigest() != sha256.lower():
        raise StorageCorrupt("The SHA-256 of the bytes is not the expected one.", key)


def _remaining(stream: BinaryIO) -> int:
    start = stream.tell()
    end = stream.seek(0, os.SEEK_END)
    stream.seek(start)
    return end - start


def _flush_folder(folder: Path) -> None:
    """Flush a folder, so that new names in it survive a power cut; fsync of a file does not flush its name."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _stored(key: str, found: os.stat_result) -> StoredObject:
    return StoredObject(key, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))


def _missing(key: str) -> ObjectMissing:
    return ObjectMissing(f"There is no stored file {key!r}.", key)


def _taken(key: str, target: Path) -> StorageError:
    if target.is_dir():
        return InvalidKey(f"{key!r} is a folder of other files.", key)
    return ObjectExists(f"{key!r} is stored already.", key)


@contextmanager
def _lookup(key: str) -> Iterator[None]:
    """Translate "not a file" errors into ObjectMissing."""
    with _translated(key):
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP):
                raise _missing(key) from error
            raise


@contextmanager
def _translated(key: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise StorageFull("The disk that holds the photos is full.", key) from error
        raise StorageUnavailable(f"The storage folder cannot be used: {error.strerror or error}.", key) from error
