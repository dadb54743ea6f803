"""Storage of originals and variants: stores by name, keys, and uploads."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import BinaryIO

from flask import current_app

from app.errors import ObjectExists, StorageError, StorageUnavailable
from app.integrations.base import FileStorage, PartUploads, StoredObject, TakesParts
from app.integrations.file_storage import CloudflareR2Storage
from app.integrations.prices import PriceList

COMPARE_BYTES = 1 << 20  # read in chunks, since a cleaned original may have 200 MB
EXTENSION = "proofsheet.storages"


def original_key(collection_uuid: str, filename: str) -> str:
    """Return the key of an original, given its generated file name."""
    return f"collections/{collection_uuid}/{filename}"


def variant_key(original_path: str, variant_type: str, extension: str = "jpg") -> str:
    """Return the key of a variant: `variants/{variant_type}_{stem}.{extension}` beside its original."""
    original = PurePosixPath(original_path)
    return str(original.parent / "variants" / f"{variant_type}_{original.stem}.{extension}")


class StorageService:
    """The configured stores: the current one for new objects, and any other by the name that a row records."""

    def __init__(self, storage: FileStorage | None = None) -> None:
        self._storages: dict[str, FileStorage]
        if storage is not None:
            self._storages, self.backend = {storage.name: storage}, storage.name
        else:
            self._storages = current_app.extensions[EXTENSION]
            self.backend = str(current_app.config["STORAGE_BACKEND"])

    @property
    def r2_storage(self) -> CloudflareR2Storage | None:
        """The R2 adapter, or None if R2 is not configured."""
        storage = self._storages.get("r2")
        return storage if isinstance(storage, CloudflareR2Storage) else None

    @property
    def current(self) -> FileStorage:
        """The store for new objects."""
        return self.named(self.backend)

    @property
    def every(self) -> list[FileStorage]:
        """All configured stores."""
        return list(self._storages.values())

    def named(self, backend: str) -> FileStorage:
        """Return the store with this name; raises StorageUnavailable if it is not configured."""
        try:
            return self._storages[backend]
        except KeyError:
            raise StorageUnavailable(f"The storage backend '{backend}' is not configured.") from None

    def parts(self, backend: str) -> PartUploads | None:
        """Return the interface for uploads from browsers directly to a store; None if it has none."""
        storage = self.named(backend)
        return storage.parts if isinstance(storage, TakesParts) else None

    def origins(self) -> list[str]:
        """Return the origins of all configured stores, for the content security policy."""
        return [origin for storage in self.every for origin in storage.origins()]

    def prices(self) -> dict[str, PriceList | None]:
        """Return the price list of each configured store by name; None for a store that charges nothing."""
        return {storage.name: storage.prices() for storage in self.every}

    def backends(self) -> list[str]:
        """Return the names of all configured stores, sorted."""
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
        """Store a rendition beside its original, with one retry; raises StorageError.

        An existing object with the same bytes is kept; one with different bytes is replaced.
        """
        key = variant_key(original_path, variant_type, extension)
        storage = self.named(backend or self.backend)
        try:
            return _put_or_replace(storage, key, stream, content_type)
        except StorageError:
            return _put_or_replace(storage, key, stream, content_type)


def _put_or_replace(storage: FileStorage, key: str, stream: BinaryIO, content_type: str) -> StoredObject:
    stream.seek(0)
    try:
        return storage.put(key, stream, content_type)
    except ObjectExists:
        if _is_identical(storage, key, stream):
            return storage.stat(key)
        storage.delete(key)
        stream.seek(0)
        return storage.put(key, stream, content_type)


def _is_identical(storage: FileStorage, key: str, stream: BinaryIO) -> bool:
    """Return whether the object has exactly these bytes."""
    stream.seek(0)
    with storage.open(key) as stored:
        while chunk := stream.read(COMPARE_BYTES):
            if stored.read(len(chunk)) != chunk:
                return False
        return not stored.read(1)
