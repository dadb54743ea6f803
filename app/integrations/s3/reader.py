"""Response body as a binary stream that raises an error if it ends early."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from app.errors import StorageUnavailable
from app.integrations.s3.errors import translated

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from botocore.response import StreamingBody

READ_BYTES = 256 * 1024  # Python's default of 8 KiB would take 6,400 reads for a 50 MB original


class BodyReader(io.RawIOBase):
    """Raw stream of a body; a body shorter than `length` or a broken connection raises StorageUnavailable."""

    def __init__(self, key: str, body: StreamingBody, length: int) -> None:
        super().__init__()
        self._key, self._body, self._left = key, body, length

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read once from the network into the buffer; return the number of bytes, 0 at the end."""
        view = memoryview(buffer).cast("B")
        with translated(self._key):
            data = self._body.read(len(view))
        if not data and len(view) and self._left:
            raise StorageUnavailable(f"The response of the store ended {self._left} bytes too early.", self._key)
        view[: len(data)] = data
        self._left -= len(data)
        return len(data)

    def readall(self) -> bytes:
        """Return the rest of the body."""
        return b"".join(iter(lambda: self.read(READ_BYTES) or b"", b""))

    def close(self) -> None:
        """Release the connection, or drop it if the body was not read to the end."""
        if not self.closed:
            self._body.close()
        super().close()
