"""The protocol of the two transfers of a large file: chunks through the app, or parts directly to the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from app.services.uploads.receipt import SavedFile
from app.services.uploads.rows import UploadProgress, UploadRecord


@dataclass(frozen=True)
class Destination:
    """The columns of a new upload's row that define where its bytes are stored."""

    storage_path: str
    multipart_id: str | None = None
    part_size: int | None = None


class Transfer(Protocol):
    """A transfer of large files; methods accept only uploads that the same transfer began."""

    def begin(self, collection_id: int, uuid: str, name: str) -> Destination:
        """Prepare a new upload with this uuid; raises StorageError, or NotFound if the collection was deleted."""
        ...

    def progress(self, record: UploadRecord) -> UploadProgress:
        """Return the progress of an upload; raises UploadIncomplete if the upload must be begun again."""
        ...

    def finish(self, record: UploadRecord, md5s: Mapping[int, str]) -> SavedFile:
        """Make an original of a completely received upload.

        Raises UploadIncomplete; StorageError or DatabaseBusy, after which it can be retried; UploadRefused, after
        which it must be begun again.
        """
        ...

    def discard(self, record: UploadRecord) -> None:
        """Delete the bytes and the row; raises StorageError, after which the row is still there."""
        ...
