"""Where bytes go: the backend by name, the naming of keys, and the two kinds of upload."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import BinaryIO

from flask import current_app

from app.errors import ObjectExists, StorageError, StorageUnavailable
from app.integrations.base import FileStorage, PartUploads, StoredObject, TakesParts
from app.integrations.file_storage import CloudflareR2Storage
from app.integrations.prices import PriceList

COMPARE_BYTES = 1 << 20  # a cleaned original may have 200 MB
EXTENSION = "proofsheet.storages"


def original_key(collection_uuid: str, filename: str) -> str:
    """The key of an original, by its generated file name."""
    return f"collections/{collection_uuid}/{filename}"


def variant_key(original_path: str, variant_type: str, extension: str = "jpg") -> str:
    """The key of a variant: `variants/{variant_type}_{stem}.{extension}` beside its original."""
    original = PurePosixPath(original_path)
    return str(original.parent / "variants" / f"{variant_type}_{original.stem}.{extension}")


class StorageService:
    """The configured store for what is new, and the store of record for what is already there."""

    def __init__(self, storage: FileStorage | None = None) -> None:
        self._storages: dict[str, FileStorage]
        if storage is not None:
            self._storages, self.backend = {storage.name: storage}, storage.name
        else:
            self._storages = current_app.extensions[EXTENSION]
            self.backend = str(current_app.config["STORAGE_BACKEND"])

    @property
    def r2_storage(self) -> CloudflareR2Storage | None:
        """The R2 adapter, or None where R2 is not configured."""
        storage = self._storages.get("r2")
        return storage if isinstance(storage, CloudflareR2Storage) else None

    @property
    def current(self) -> FileStorage:
        """The store that new objects go to."""
        return self.named(self.backend)

    @property
    def every(self) -> list[FileStorage]:
        """All stores that are configured."""
        return list(self._storages.values())

    def named(self, backend: str) -> FileStorage:
        """The store a row names; raises StorageUnavailable if it is not configured any more."""
        try:
            return self._storages[backend]
        except KeyError:
            raise StorageUnavailable(f"The storage backend '{backend}' is not configured here.") from None

    def parts(self, backend: str) -> PartUploads | None:
        """How browsers send to a store directly; None if it takes bytes from the app alone."""
        storage = self.named(backend)
        return storage.parts if isinstance(storage, TakesParts) else None

    def origins(self) -> list[str]:
        """The origins of every configured store, for the content security policy."""
        return [origin for storage in self.every for origin in storage.origins()]

    def prices(self) -> dict[str, PriceList | None]:
        """The price list of each configured store by its name; None for one that charges nothing."""
        return {storage.name: storage.prices() for storage in self.every}

    def backends(self) -> list[str]:
        """The names of every store that is configured."""
        return sorted(self._storages)

    def upload_file(self, stream: BinaryIO, key: str, content_type: str, *, sha256: str | None = None) -> StoredObject:
        """Store an original in the current store, verified against its SHA-256; raises StorageError."""
        return self.current.put(key, stream, content_type, sha256=sha256)

    def upload_image_variant(
        self,
        stream: BinaryIO,
        original_path: str,
        variant_type: str,
        content_type: str,
        extension: str = "jpg",
        *,
        backend: str | None = None,
    ) -> StoredObject:
        """Store a rendition beside its original, trying twice; raises StorageError.

        One that is there already with the same bytes is taken as it is; other bytes at its place are replaced.
        """
        key = variant_key(original_path, variant_type, extension)
        storage = self.named(backend or self.backend)
        try:
            return _placed(storage, key, stream, content_type)
        except StorageError:
            return _placed(storage, key, stream, content_type)


def _placed(storage: FileStorage, key: str, stream: BinaryIO, content_type: str) -> StoredObject:
    stream.seek(0)
    try:
        return storage.put(key, stream, content_type)
    except ObjectExists:
        if _holds(storage, key, stream):
            return storage.stat(key)
        storage.delete(key)
        stream.seek(0)
        return storage.put(key, stream, content_type)


def _holds(storage: FileStorage, key: str, stream: BinaryIO) -> bool:
    """Whether the object has exactly these bytes."""
    stream.seek(0)
    with storage.open(key) as stored:
        while chunk := stream.read(COMPARE_BYTES):
            if stored.read(len(chunk)) != chunk:
                return False
        return not stored.read(1)
