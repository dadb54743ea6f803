"""Big files that go straight from the browser to the store: the app signs, lists and completes, and carries no byte."""

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

URL_SECONDS = 3600  # for one part; a browser that was slower asks for another URL
MD5_BYTES = 16


class DirectParts:
    """Uploads whose rows have a `multipart_id`."""

    def __init__(self, storage: StorageService, originals: OriginalService) -> None:
        self._storage, self._originals = storage, originals

    @property
    def are_taken(self) -> bool:
        """Whether the current store takes parts."""
        return self._storage.parts(self._storage.backend) is not None

    def begin(self, collection_id: int, uuid: str, name: str) -> Destination:
        """Begin a multipart upload in the current store, which must take parts; raises StorageError, NotFound."""
        store = self._taking(self._storage.backend)
        mime_type, extension = kind_of(b"", name)
        key = original_key(lookup.uuid_of(collection_id), f"{uuid}{extension}")
        return Destination(key, store.begin(key, mime_type), store.part_bytes)

    def standing(self, facts: UploadRecord) -> UploadProgress:
        """Return the parts that have arrived.

        Raises UploadIncomplete if the store has neither the multipart upload nor the object.
        """
        parts = self._arrived(facts)
        received = sum(part.size for part in parts)
        return UploadProgress(facts.uuid, PARTS, facts.size, received, facts.part_size or facts.size, parts)

    def _arrived(self, facts: UploadRecord) -> tuple[StoredPart, ...]:
        try:
            return self._listed(facts)
        except ObjectMissing:
            self._require_object(facts)
            return tuple(StoredPart(number, size, "") for number, size in part_sizes(facts).items())

    def _listed(self, facts: UploadRecord) -> tuple[StoredPart, ...]:
        """Those as long as they should be; raises ObjectMissing if the upload is not there."""
        store, upload_id = self._store(facts)
        sizes = part_sizes(facts)
        return tuple(part for part in store.listed(facts.path, upload_id) if sizes.get(part.number) == part.size)

    def urls(self, facts: UploadRecord, md5s: Mapping[int, str]) -> dict[int, str]:
        """Where to PUT each part, by number, with its MD5 in base64; raises Invalid."""
        store, upload_id = self._store(facts)
        _require_parts(facts, md5s)
        return {number: store.url(facts.path, upload_id, number, md5, URL_SECONDS) for number, md5 in md5s.items()}

    def finish(self, facts: UploadRecord, md5s: Mapping[int, str]) -> SavedFile:
        """The original that the parts make; raises UploadIncomplete for those missing, or not of these MD5s."""
        found = self._assemble(facts, md5s)
        place = (facts.backend, facts.path, found.storage_class)
        stored = Stored(facts.id, facts.uuid, *place, facts.name, facts.size, facts.sha256)
        return self._originals.adopt(facts.collection_id, stored)

    def discard(self, facts: UploadRecord) -> None:
        """Throw away the parts and the row, then an object that was made of them and became no file.

        In this order: who commits a file removes the row of its upload with it, so that only one of the two succeeds.
        """
        store, upload_id = self._store(facts)
        store.abort(facts.path, upload_id)
        rows.forget(facts.id)
        if not self._originals.names(facts.path):
            self._storage.named(facts.backend).delete(facts.path)

    def _assemble(self, facts: UploadRecord, md5s: Mapping[int, str]) -> StoredObject:
        """Make the object, unless an earlier try did and its answer, or its row, was lost."""
        _require_parts(facts, md5s)
        store, upload_id = self._store(facts)
        try:
            parts = self._listed(facts)
        except ObjectMissing:
            return self._require_object(facts)
        right = [part for part in parts if part.number not in md5s or _base64(part.md5) == md5s[part.number]]
        if missing := facts.size - sum(part.size for part in right):
            raise UploadIncomplete(missing)
        try:
            return store.complete(facts.path, upload_id, right)
        except (ObjectExists, ObjectMissing):
            return self._require_object(facts)

    def _require_object(self, facts: UploadRecord) -> StoredObject:
        """Nobody else writes to this key, so what has it and its length is what the parts made."""
        try:
            found = self._storage.named(facts.backend).stat(facts.path)
        except ObjectMissing:
            raise UploadIncomplete(facts.size) from None
        if found.size != facts.size:
            raise UploadIncomplete(facts.size)
        return found

    def _store(self, facts: UploadRecord) -> tuple[PartUploads, str]:
        store = self._taking(facts.backend, facts.path)
        if facts.multipart_id is None:
            raise Conflict("This upload does not go to the store directly. Send it here, in pieces.")
        return store, facts.multipart_id

    def _taking(self, backend: str, key: str = "") -> PartUploads:
        store = self._storage.parts(backend)
        if store is None:
            raise StorageUnavailable("The store of this upload takes no parts any more.", key)
        return store


def part_sizes(facts: UploadRecord) -> dict[int, int]:
    """How long each part is, by number: all the same, but for the last."""
    length = facts.part_size or facts.size
    count = -(-facts.size // length)
    return {number: min(length, facts.size - (number - 1) * length) for number in range(1, count + 1)}


def _require_parts(facts: UploadRecord, md5s: Mapping[int, str]) -> None:
    count = len(part_sizes(facts))
    for number, md5 in md5s.items():
        if not 1 <= number <= count:
            raise Invalid(f"This file has the parts 1 to {count}, and no {number}.")
        if not _is_md5(md5):
            raise Invalid(f"The MD5 of part {number} is not one in base64.")


def _is_md5(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == MD5_BYTES
    except (binascii.Error, ValueError):
        return False


def _base64(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode("ascii")
