"""A stream composed of ranges of another stream and of literal bytes."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import IO

Part = bytes | range  # a range is of positions in the other stream


class Spliced(io.RawIOBase):
    """The concatenated parts as one stream."""

    def __init__(self, stream: IO[bytes], parts: Sequence[Part]) -> None:
        self._stream = stream
        self._parts = [part for part in parts if part]
        self._ends = list(accumulate(len(part) for part in self._parts))
        self._at = 0

    @property
    def length(self) -> int:
        """The sum of the parts' lengths; reading returns fewer bytes if the other stream ends early."""
        return self._ends[-1] if self._ends else 0

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes."""
        wanted, found = max(0, self.length - self._at) if size < 0 else size, []
        while wanted > 0 and (piece := self._piece(wanted)):
            found.append(piece)
            wanted -= len(piece)
            self._at += len(piece)
        return b"".join(found)

    def _piece(self, most: int) -> bytes:
        """Up to `most` bytes at the position, from a single part."""
        number = bisect_right(self._ends, self._at)
        if number == len(self._parts):
            return b""
        part = self._parts[number]
        rest = part[self._at - (self._ends[number] - len(part)) :][:most]
        if isinstance(rest, bytes):
            return rest
        self._stream.seek(rest.start)
        return self._stream.read(len(rest))

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to a position; returns the new one."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.length}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """The position in bytes."""
        return self._at

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True
