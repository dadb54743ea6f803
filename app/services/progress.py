"""How far a long command has come, and where one that was interrupted goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

Advance = Callable[[int], None]
Progress = Callable[[str, int], AbstractContextManager[Advance]]  # a label and a total: how many there are to do


@contextmanager
def silent(_label: str, _total: int) -> Iterator[Advance]:
    """Progress that nobody watches."""
    yield lambda _count: None


class Position:
    """The last file that a command has finished with, kept in a small file until the command has finished with all."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"{name}.json"
        self.after, self.found = self._read()

    def _read(self) -> tuple[int, int]:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            return int(kept["after"]), int(kept["found"])
        except (OSError, ValueError, KeyError, TypeError):  # none, or one that a power cut left half written
            return 0, 0

    def reached(self, file_id: int, found: int = 0) -> None:
        """All up to this file is done; `found` more things were wrong on the way."""
        self.after, self.found = file_id, self.found + found

    def save(self) -> None:
        """Write the position, whole or not at all."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".draft")
        draft.write_text(json.dumps({"after": self.after, "found": self.found}), encoding="utf-8")
        draft.replace(self._path)

    def forget(self) -> None:
        """The next run begins at the beginning."""
        self._path.unlink(missing_ok=True)
        self.after, self.found = 0, 0
