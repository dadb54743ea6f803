"""A stream that a decoder may read only until a deadline."""

from __future__ import annotations

import io
from typing import BinaryIO

from app.errors import ImageTimeout
from app.imaging.limits import Deadline


class GuardedStream(io.RawIOBase):
    """Reads another stream and raises ImageTimeout once the deadline has passed.

    Pillow feeds its decoders 64 KB at a time through `read`, so this stops a decode in the middle. There is no
    `fileno` on purpose: with one, libtiff would read past the guard.
    """

    def __init__(self, stream: BinaryIO, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; raises ImageTimeout."""
        if self._deadline.passed:
            raise ImageTimeout("This picture took too long to open and was given up.")
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move, as any stream does."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """The position in bytes."""
        return self._stream.tell()

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True
