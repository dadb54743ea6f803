"""Hide damaged and oversized PNG chunks from Pillow, so that metadata never prevents decoding the pixels."""

from __future__ import annotations

import io
import re
import zlib
from typing import IO

from PIL import PngImagePlugin

from app.imaging.colour import MAX_PROFILE_BYTES

# Set once for the process: Pillow applies this limit for texts to colour profiles too.
PngImagePlugin.MAX_TEXT_CHUNK = MAX_PROFILE_BYTES
MAX_CHUNK_BYTES = 1_000_000
# Limit for all texts together, inflated, and for all other ancillary chunks together. Animation frames are not shown.
MAX_BYTES = 8_000_000
_CHUNK_COST = 2000  # counted for each chunk on top of its bytes, for the time to check it and Pillow's object
_ANIMATION = frozenset({b"acTL", b"fcTL", b"fdAT"})
_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_NAME = re.compile(rb"[A-Za-z]{4}")
_SIGNATURE_BYTES = 8


class FilteredChunks(io.RawIOBase):
    """A PNG stream with all critical chunks, but only the ancillary ones that are valid and small.

    `seek` backwards restarts from the beginning, because which chunks are kept depends on earlier ones.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._begin()

    def _begin(self) -> None:
        self._stream.seek(0)
        self._at = 0
        self._pending = self._stream.read(_SIGNATURE_BYTES)  # bytes to return first
        self._left = 0  # bytes of the current chunk to copy from the stream
        self._header = b""
        self._seen: set[bytes] = set()
        self._allowance = {True: MAX_BYTES, False: MAX_BYTES}  # for texts, for others

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes."""
        parts: list[bytes] = []
        wanted = size
        while wanted and (part := self._next_bytes(wanted)):
            parts.append(part)
            wanted -= len(part) if size >= 0 else 0
        found = b"".join(parts)
        self._at += len(found)
        return found

    def _next_bytes(self, most: int) -> bytes:
        if not self._pending and not self._left:
            self._next_chunk()
        if self._pending:
            cut = len(self._pending) if most < 0 else most
            found, self._pending = self._pending[:cut], self._pending[cut:]
            return found
        found = self._stream.read(self._left if most < 0 else min(most, self._left))
        self._left -= len(found)
        return found

    def _next_chunk(self) -> None:
        while len(head := self._stream.read(8)) == 8:
            length, name = int.from_bytes(head[:4]), head[4:]
            is_ancillary = bool(_NAME.fullmatch(name)) and name[:1].islower()
            if not is_ancillary:
                self._pending, self._left = head, length + 4
                if name == b"IHDR" and length < MAX_CHUNK_BYTES:
                    self._header = self._pending = head + self._stream.read(self._left)
                    self._left = 0
                return
            after = self._stream.tell() + length + 4
            if chunk := self._checked(head, name, length):
                self._pending = chunk
                return
            self._stream.seek(after)

    def _checked(self, head: bytes, name: bytes, length: int) -> bytes:
        """The bytes of an ancillary chunk; b"" to leave it out."""
        is_text = name in _TEXTS
        most = min(MAX_CHUNK_BYTES if name != b"iCCP" else MAX_PROFILE_BYTES, self._allowance[is_text] - _CHUNK_COST)
        if name in _ANIMATION or name[1:2].islower() or length > most or (not is_text and name in self._seen):
            return b""
        body = self._stream.read(length + 4)
        if zlib.crc32(name + body[:-4]).to_bytes(4) != body[length:]:
            return b""
        cost = _cost(self._header + head + body)
        self._allowance[is_text] -= _CHUNK_COST + length + (MAX_CHUNK_BYTES if cost is None else cost)
        self._seen.add(name)
        return head + body if cost is not None else b""

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to a position; raises OSError for SEEK_END."""
        if whence == io.SEEK_END:
            raise io.UnsupportedOperation("the end is not known")
        target = offset + (self._at if whence == io.SEEK_CUR else 0)
        if target < self._at:
            self._begin()
        while self._at < target and self.read(min(1 << 16, target - self._at)):
            pass
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


def _cost(chunks: bytes) -> int | None:
    """The bytes of text that Pillow inflates from IHDR and one more chunk; None if Pillow cannot read them."""
    png = PngImagePlugin.PngStream(io.BytesIO(chunks))
    try:
        for _ in range(2):
            name, at, length = png.read()
            png.crc(name, png.call(name, at, length))
    except AttributeError:  # Pillow has no method for this chunk
        return 0
    except Exception:  # noqa: BLE001  ValueError, struct.error, SyntaxError, IndexError, UnicodeError, zlib.error, ...
        return None
    return png.text_memory
