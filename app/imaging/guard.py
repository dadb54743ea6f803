"""Time limits for decodes: a stream that stops at a deadline, and a call that runs in a thread."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import BinaryIO, Protocol, TypeVar

from app.errors import ImageTimeout
from app.imaging.limits import Deadline


class _Closeable(Protocol):
    def close(self) -> None: ...


Result = TypeVar("Result", bound=_Closeable)


def timed_out() -> ImageTimeout:
    """The error for a decode that passed its deadline."""
    return ImageTimeout("This photo took too long to open.")


class GuardedStream(io.RawIOBase):
    """A wrapper of a stream whose `read` raises ImageTimeout after the deadline; position 0 is offset `start`.

    Pillow feeds its decoders 64 KB at a time through `read`, so this stops a decode in the middle. `fileno` is
    omitted on purpose: with it, libtiff would bypass `read`.
    """

    def __init__(self, stream: BinaryIO, deadline: Deadline, start: int = 0) -> None:
        self._stream = stream
        self._deadline = deadline
        self._start = start
        stream.seek(start)

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes; raises ImageTimeout."""
        if self._deadline.passed:
            raise timed_out()
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to a position; returns the new one."""
        if whence == io.SEEK_SET:
            offset += self._start
        return self._stream.seek(offset, whence) - self._start

    def tell(self) -> int:
        """The position in bytes."""
        return self._stream.tell() - self._start

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True


class CappedLength(io.RawIOBase):
    """A wrapper of a stream that reports at most `claimed` bytes as its length, but can be read to its end.

    Pillow skips values in a directory that are larger than the reported length.
    """

    def __init__(self, stream: BinaryIO, claimed: int) -> None:
        self._stream = stream
        self._claimed = claimed

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes."""
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to a position, for SEEK_END at most to the reported length; returns the new one."""
        position = self._stream.seek(offset, whence)
        return self._stream.seek(min(position, self._claimed)) if whence == io.SEEK_END else position

    def tell(self) -> int:
        """The position in bytes."""
        return self._stream.tell()


def run_until(work: Callable[[], Result], deadline: Deadline) -> Result:
    """Run `work` in a thread and return or raise its result; raises ImageTimeout if the deadline passes first.

    For decoders that work in one C call, which cannot be interrupted. After the deadline the thread runs on and keeps
    its memory reservation; it ends because pixels are limited, and closes its result.
    """
    outcome: Future[Result] = Future()
    threading.Thread(target=_run_into, args=(outcome, work), name="decode", daemon=True).start()
    try:
        return outcome.result(timeout=deadline.remaining)
    except TimeoutError:
        if outcome.cancel():
            raise timed_out() from None
        return outcome.result()


def _run_into(outcome: Future[Result], work: Callable[[], Result]) -> None:
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001  raised in the waiting thread
        if outcome.set_running_or_notify_cancel():
            outcome.set_exception(error)
        return
    if outcome.set_running_or_notify_cancel():
        outcome.set_result(result)
    else:
        result.close()
