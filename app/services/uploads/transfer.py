"""The protocol of the two ways to send a big file: in chunks through the app, or in parts straight to the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from app.services.uploads.receipt import SavedFile
from app.services.uploads.rows import UploadProgress, UploadRecord


@dataclass(frozen=True)
class Destination:
    """Columns of the row of a new upload that say where its bytes go."""

    storage_path: str
    multipart_id: str | None = None
    part_size: int | None = None


class Transfer(Protocol):
    """One way to send a big file; each method takes only uploads that this way began."""

    def begin(self, collection_id: int, uuid: str, name: str) -> Destination:
        """Prepare a new upload with this uuid; raises StorageError, or NotFound if the collection was deleted."""
        ...

    def standing(self, facts: UploadRecord) -> UploadProgress:
        """Return what has arrived; raises UploadIncomplete if the upload must be begun again."""
        ...

    def finish(self, facts: UploadRecord, md5s: Mapping[int, str]) -> SavedFile:
        """Make an original of an upload that has arrived in full.

        Raises UploadIncomplete; StorageError or DatabaseBusy, after which it can be finished again; UploadRefused,
        after which it must be begun again.
        """
        ...

    def discard(self, facts: UploadRecord) -> None:
        """Remove the bytes and the row; raises StorageError, after which the row is still there."""
        ...
