"""PNG without the chunks that Pillow stumbles over: nothing beside the pixels decides whether these are shown."""

from __future__ import annotations

import io
import re
import zlib
from typing import IO

from PIL import PngImagePlugin

from app.imaging.colour import MAX_PROFILE_BYTES

# Once for the process: Pillow's own limit is for texts, but binds colour profiles too.
PngImagePlugin.MAX_TEXT_CHUNK = MAX_PROFILE_BYTES
MAX_CHUNK_BYTES = 1_000_000
# All texts together, inflated, and all other chunks together. What an animation holds is pixels, but not those shown.
MAX_BYTES = 8_000_000
_EACH = 2000  # what a chunk counts for besides its bytes: it takes time to try, and Pillow keeps it as an object
_ANIMATION = frozenset({b"acTL", b"fcTL", b"fdAT"})
_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_NAME = re.compile(rb"[A-Za-z]{4}")
_SIGNATURE_BYTES = 8


class SoundChunks(io.RawIOBase):
    """A PNG as Pillow should see it: critical chunks as they are, of the others those that are sound and small.

    `seek` continues from its position or restarts, since what comes later depends on what was kept before.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._begin()

    def _begin(self) -> None:
        self._stream.seek(0)
        self._at = 0
        self._ready = self._stream.read(_SIGNATURE_BYTES)  # to be given before the rest of the chunk
        self._left = 0  # bytes of the chunk that are given as they come
        self._header = b""
        self._seen: set[bytes] = set()
        self._allowance = {True: MAX_BYTES, False: MAX_BYTES}  # for texts, for others

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes."""
        parts: list[bytes] = []
        wanted = size
        while wanted and (part := self._some(wanted)):
            parts.append(part)
            wanted -= len(part) if size >= 0 else 0
        found = b"".join(parts)
        self._at += len(found)
        return found

    def _some(self, most: int) -> bytes:
        if not self._ready and not self._left:
            self._next_chunk()
        if self._ready:
            cut = len(self._ready) if most < 0 else most
            found, self._ready = self._ready[:cut], self._ready[cut:]
            return found
        found = self._stream.read(self._left if most < 0 else min(most, self._left))
        self._left -= len(found)
        return found

    def _next_chunk(self) -> None:
        while len(head := self._stream.read(8)) == 8:
            length, name = int.from_bytes(head[:4]), head[4:]
            is_ancillary = bool(_NAME.fullmatch(name)) and name[:1].islower()
            if not is_ancillary:
                self._ready, self._left = head, length + 4
                if name == b"IHDR" and length < MAX_CHUNK_BYTES:
                    self._header = self._ready = head + self._stream.read(self._left)
                    self._left = 0
                return
            after = self._stream.tell() + length + 4
            if chunk := self._sound(head, name, length):
                self._ready = chunk
                return
            self._stream.seek(after)

    def _sound(self, head: bytes, name: bytes, length: int) -> bytes:
        """An ancillary chunk, or nothing if it is to be left out."""
        is_text = name in _TEXTS
        most = min(MAX_CHUNK_BYTES if name != b"iCCP" else MAX_PROFILE_BYTES, self._allowance[is_text] - _EACH)
        if name in _ANIMATION or name[1:2].islower() or length > most or (not is_text and name in self._seen):
            return b""
        body = self._stream.read(length + 4)
        if zlib.crc32(name + body[:-4]).to_bytes(4) != body[length:]:
            return b""
        cost = _cost(self._header + head + body)
        self._allowance[is_text] -= _EACH + length + (MAX_CHUNK_BYTES if cost is None else cost)
        self._seen.add(name)
        return head + body if cost is not None else b""

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move; raises OSError for a position that is counted from the end."""
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
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True


def _cost(chunks: bytes) -> int | None:
    """What Pillow inflates of a header and the chunk behind it, in bytes; None if it stumbles over them."""
    png = PngImagePlugin.PngStream(io.BytesIO(chunks))
    try:
        for _ in range(2):
            name, at, length = png.read()
            png.crc(name, png.call(name, at, length))
    except AttributeError:  # a chunk that Pillow does not know
        return 0
    except Exception:  # noqa: BLE001  ValueError, struct.error, SyntaxError, IndexError, UnicodeError, zlib.error, ...
        return None
    return png.text_memory
