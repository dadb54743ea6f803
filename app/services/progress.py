"""Progress of long commands: reporting, and the position from which an interrupted command resumes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

Advance = Callable[[int], None]
Progress = Callable[[str, int], AbstractContextManager[Advance]]  # a label and a total count


@contextmanager
def silent(_label: str, _total: int) -> Iterator[Advance]:
    """A Progress that reports nothing."""
    yield lambda _count: None


class Position:
    """The last file that a command has completed, stored in `{name}.json` so that the next run can resume after it."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"{name}.json"
        self.after, self.found = self._read()

    def _read(self) -> tuple[int, int]:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            return int(kept["after"]), int(kept["found"])
        except (OSError, ValueError, KeyError, TypeError):  # missing, or damaged by a power cut
            return 0, 0

    def reached(self, file_id: int, found: int = 0) -> None:
        """Advance to this file id, adding `found` to the number of problems found."""
        self.after, self.found = file_id, self.found + found

    def save(self) -> None:
        """Write the position atomically."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".draft")
        draft.write_text(json.dumps({"after": self.after, "found": self.found}), encoding="utf-8")
        draft.replace(self._path)

    def forget(self) -> None:
        """Delete the position, so that the next run begins with the first file."""
        self._path.unlink(missing_ok=True)
        self.after, self.found = 0, 0
