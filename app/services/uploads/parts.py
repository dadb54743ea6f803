"""Large files sent in parts from the browser directly to the store; the app signs, lists and completes the parts."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from app.errors import Conflict, Invalid, ObjectExists, ObjectMissing, StorageUnavailable, UploadIncomplete
from app.integrations.base import PartUploads, StoredObject, StoredPart
from app.services import lookup
from app.services.storage_service import StorageService, original_key
from app.services.uploads import rows
from app.services.uploads.names import kind_of
from app.services.uploads.originals import OriginalService
from app.services.uploads.receipt import SavedFile, Stored
from app.services.uploads.rows import PARTS, UploadProgress, UploadRecord
from app.services.uploads.transfer import Destination

URL_SECONDS = 3600  # the lifetime of the URL of a part; a slower browser requests a new one
MD5_BYTES = 16


class DirectParts:
    """Uploads that a browser sends to the store in parts; their rows have a `multipart_id`."""

    def __init__(self, storage: StorageService, originals: OriginalService) -> None:
        self._storage, self._originals = storage, originals

    @property
    def are_supported(self) -> bool:
        """Whether the current store accepts parts."""
        return self._storage.parts(self._storage.backend) is not None

    def begin(self, collection_id: int, uuid: str, name: str) -> Destination:
        """Begin a multipart upload in the current store, which must accept parts; raises StorageError or NotFound."""
        store = self._accepting(self._storage.backend)
        mime_type, extension = kind_of(b"", name)
        key = original_key(lookup.uuid_of(collection_id), f"{uuid}{extension}")
        return Destination(key, store.begin(key, mime_type), store.part_bytes)

    def progress(self, record: UploadRecord) -> UploadProgress:
        """Return the parts received; raises UploadIncomplete if the store has neither the upload nor the object."""
        parts = self._arrived(record)
        received = sum(part.size for part in parts)
        return UploadProgress(record.uuid, PARTS, record.size, received, record.part_size or record.size, parts)

    def _arrived(self, record: UploadRecord) -> tuple[StoredPart, ...]:
        try:
            return self._listed(record)
        except ObjectMissing:
            self._require_object(record)
            return tuple(StoredPart(number, size, "") for number, size in part_sizes(record).items())

    def _listed(self, record: UploadRecord) -> tuple[StoredPart, ...]:
        """Return the stored parts of the expected size; raises ObjectMissing if the store has no such upload."""
        store, upload_id = self._store(record)
        sizes = part_sizes(record)
        return tuple(part for part in store.listed(record.path, upload_id) if sizes.get(part.number) == part.size)

    def urls(self, record: UploadRecord, md5s: Mapping[int, str]) -> dict[int, str]:
        """Return the URL to PUT each part to, by number, given its MD5 in base64; raises Invalid."""
        store, upload_id = self._store(record)
        _require_parts(record, md5s)
        return {number: store.url(record.path, upload_id, number, md5, URL_SECONDS) for number, md5 in md5s.items()}

    def finish(self, record: UploadRecord, md5s: Mapping[int, str]) -> SavedFile:
        """Make an original of the parts; raises UploadIncomplete for missing parts and those with another MD5."""
        found = self._assemble(record, md5s)
        place = (record.backend, record.path, found.storage_class)
        stored = Stored(record.id, record.uuid, *place, record.name, record.size, record.sha256)
        return self._originals.adopt(record.collection_id, stored)

    def discard(self, record: UploadRecord) -> None:
        """Delete the parts and the row, then an object made of them that no file uses.

        In this order, because committing a file also deletes the row: only one of the two can succeed.
        """
        store, upload_id = self._store(record)
        store.abort(record.path, upload_id)
        rows.delete_row(record.id)
        if not self._originals.is_original_key(record.path):
            self._storage.named(record.backend).delete(record.path)

    def _assemble(self, record: UploadRecord, md5s: Mapping[int, str]) -> StoredObject:
        """Complete the object, unless an earlier attempt completed it and its response or row was lost."""
        _require_parts(record, md5s)
        store, upload_id = self._store(record)
        try:
            parts = self._listed(record)
        except ObjectMissing:
            return self._require_object(record)
        right = [part for part in parts if part.number not in md5s or _base64(part.md5) == md5s[part.number]]
        if missing := record.size - sum(part.size for part in right):
            raise UploadIncomplete(missing)
        try:
            return store.complete(record.path, upload_id, right)
        except (ObjectExists, ObjectMissing):
            return self._require_object(record)

    def _require_object(self, record: UploadRecord) -> StoredObject:
        """Return the completed object, recognized by key and size, as no other upload uses the key."""
        try:
            found = self._storage.named(record.backend).stat(record.path)
        except ObjectMissing:
            raise UploadIncomplete(record.size) from None
        if found.size != record.size:
            raise UploadIncomplete(record.size)
        return found

    def _store(self, record: UploadRecord) -> tuple[PartUploads, str]:
        store = self._accepting(record.backend, record.path)
        if record.multipart_id is None:
            raise Conflict("This upload does not go directly to the store. Send it to this server, in pieces.")
        return store, record.multipart_id

    def _accepting(self, backend: str, key: str = "") -> PartUploads:
        store = self._storage.parts(backend)
        if store is None:
            raise StorageUnavailable("The store of this upload no longer accepts parts.", key)
        return store


def part_sizes(record: UploadRecord) -> dict[int, int]:
    """Return the size of each part by number; all are equal except the last."""
    length = record.part_size or record.size
    count = -(-record.size // length)
    return {number: min(length, record.size - (number - 1) * length) for number in range(1, count + 1)}


def _require_parts(record: UploadRecord, md5s: Mapping[int, str]) -> None:
    count = len(part_sizes(record))
    for number, md5 in md5s.items():
        if not 1 <= number <= count:
            raise Invalid(f"This file has parts 1 to {count}, but no part {number}.")
        if not _is_md5(md5):
            raise Invalid(f"The MD5 of part {number} is not valid base64 of {MD5_BYTES} bytes.")


def _is_md5(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == MD5_BYTES
    except (binascii.Error, ValueError):
        return False


def _base64(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode("ascii")
