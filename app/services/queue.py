"""The protocol of the queue of files to process, and its key in `app.extensions`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

QUEUE = "proofsheet.queue"
Job = tuple[int, str | None]  # a file id, and the name of one variant, or None for all variants made at upload


class Queue(Protocol):
    """Accepts file ids; the database remains the record of unfinished work."""

    def submit(self, file_id: int, variant: str | None = None, *, background: bool = False) -> None:
        """Queue a file, or one of its variants; background jobs run after all others."""
        ...

    def wait(self, file_ids: Iterable[int], timeout_seconds: float, variant: str | None = None) -> None:
        """Return when these files are finished, or after the timeout."""
        ...

    def start(self) -> None:
        """Start the jobs and the regular search for due files."""
        ...

    def leave(self) -> None:
        """Accept no more jobs as this process is ending; its unfinished work does not count as an interruption."""
        ...

    def close(self) -> None:
        """End within a bounded time; unfinished files stay due."""
        ...
