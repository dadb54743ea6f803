"""Two ways to give a decode up in time: starve it of bytes, or stop waiting for it."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import BinaryIO, TypeVar

from app.errors import ImageTimeout
from app.imaging.limits import Deadline

Result = TypeVar("Result")


def too_slow() -> ImageTimeout:
    """The error for a picture whose time is up."""
    return ImageTimeout("This picture took too long to open and was given up.")


class GuardedStream(io.RawIOBase):
    """Reads another stream and raises ImageTimeout once the deadline has passed.

    Pillow feeds its decoders 64 KB at a time through `read`, so this stops a decode in the middle. There is no
    `fileno` on purpose: with one, libtiff would read past the guard. `start` is where position 0 lies.
    """

    def __init__(self, stream: BinaryIO, deadline: Deadline, start: int = 0) -> None:
        self._stream = stream
        self._deadline = deadline
        self._start = start
        stream.seek(start)

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; raises ImageTimeout."""
        if self._deadline.passed:
            raise too_slow()
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move, as any stream does."""
        if whence == io.SEEK_SET:
            offset += self._start
        return self._stream.seek(offset, whence) - self._start

    def tell(self) -> int:
        """The position in bytes."""
        return self._stream.tell() - self._start

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True


class Modest(io.RawIOBase):
    """Another stream that claims to end after `most` bytes when asked, though it can be read to its end.

    Pillow's directories skip values that would not fit into what a file claims to have.
    """

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self._stream = stream
        self._most = most

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes."""
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move, as any stream does; to the end, as far as is claimed."""
        position = self._stream.seek(offset, whence)
        return self._stream.seek(min(position, self._most)) if whence == io.SEEK_END else position

    def tell(self) -> int:
        """The position in bytes."""
        return self._stream.tell()


def abandonable(work: Callable[[], Result], deadline: Deadline) -> Result:
    """What `work` returns or raises; raises ImageTimeout when the deadline passes first.

    For decoders that do everything in one call into C, which nothing can interrupt: the call goes on in a thread of
    its own, keeps its part of the memory budget, and ends because the pixels were limited beforehand; the worker that
    asked is free at once.
    """
    outcome: Future[Result] = Future()
    threading.Thread(target=_settle, args=(outcome, work), name="decode", daemon=True).start()
    try:
        return outcome.result(timeout=deadline.remaining)
    except TimeoutError:
        if outcome.done():
            raise
        raise too_slow() from None


def _settle(outcome: Future[Result], work: Callable[[], Result]) -> None:
    try:
        outcome.set_result(work())
    except BaseException as error:  # noqa: BLE001  it belongs to the thread that waits
        outcome.set_exception(error)
