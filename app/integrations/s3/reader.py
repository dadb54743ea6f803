"""A response body as an ordinary binary stream that cannot end early unnoticed."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from app.errors import StorageUnavailable
from app.integrations.s3.errors import translated

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from botocore.response import StreamingBody

READ_BYTES = 256 * 1024  # Python's default of 8 KiB costs 6,400 calls for a 50 MB original


class BodyReader(io.RawIOBase):
    """Counts the body against its announced length; a short one or a broken connection raises StorageUnavailable."""

    def __init__(self, key: str, body: StreamingBody, length: int) -> None:
        super().__init__()
        self._key, self._body, self._left = key, body, length

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill the buffer as far as one read of the network does."""
        view = memoryview(buffer).cast("B")
        with translated(self._key):
            data = self._body.read(len(view))
        if not data and len(view) and self._left:
            raise StorageUnavailable(f"The store sent {self._left} bytes too few.", self._key)
        view[: len(data)] = data
        self._left -= len(data)
        return len(data)

    def readall(self) -> bytes:
        """The rest of the body."""
        return b"".join(iter(lambda: self.read(READ_BYTES) or b"", b""))

    def close(self) -> None:
        """Give the connection back, or drop it if there is more to come."""
        if not self.closed:
            self._body.close()
        super().close()
