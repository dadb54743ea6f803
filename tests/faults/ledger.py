"""What was promised and what was stored, written down outside of the program, line by line, and flushed to disk."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Facts:
    """A ledger, read: who was promised what.

    `kept` are files acknowledged and never deleted, `asked` those of which deletion was asked, `gone` those of which it
    was also answered; `puts` the digests under which each key was stored; `rendered` how often each variant was made,
    `rendered_late` the files of which one was when their deletion had been answered; `tries` how often each process
    tried to have something, and whether it did.
    """

    kept: dict[str, str] = field(default_factory=dict)  # uuid -> SHA-256
    collections: dict[str, list[str]] = field(default_factory=dict)  # uuid -> the uuids of its acknowledged files
    asked: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    puts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    rendered: Counter[tuple[str, str]] = field(default_factory=Counter)  # (uuid, name of the variant)
    rendered_late: set[str] = field(default_factory=set)
    tries: Counter[tuple[str, int, bool]] = field(default_factory=Counter)  # (name, process, got it)
    acknowledged: int = 0
    killed: list[str] = field(default_factory=list)


class Ledger:
    """A file that is only ever added to, by several processes and threads."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def note(self, kind: str, **facts: Any) -> None:
        """Add a line and flush it to disk."""
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, json.dumps({"kind": kind, **facts}).encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def facts(self) -> Facts:
        """All facts recorded so far."""
        facts = Facts()
        for line in self._lines():
            _ENTER[line.pop("kind")](facts, **line)
        return facts

    def _lines(self) -> Iterator[dict[str, Any]]:
        if self.path.exists():
            with self.path.open() as lines:
                yield from map(json.loads, lines)


def _collection(facts: Facts, uuid: str) -> None:
    facts.collections[uuid] = []


def _acknowledged(facts: Facts, uuid: str, sha256: str, collection: str, duplicate: bool = False) -> None:
    facts.acknowledged += not duplicate
    facts.kept[uuid] = sha256
    if uuid not in facts.collections[collection]:
        facts.collections[collection].append(uuid)


def _asked(facts: Facts, uuid: str) -> None:
    for each in (uuid, *facts.collections.pop(uuid, ())):
        facts.asked.add(each)
        facts.kept.pop(each, None)


def _gone(facts: Facts, uuid: str, files: list[str]) -> None:
    facts.gone.update((uuid, *files))


def _put(facts: Facts, key: str, sha256: str) -> None:
    facts.puts[key].append(sha256)


def _rendered(facts: Facts, uuid: str, names: list[str]) -> None:
    facts.rendered.update((uuid, name) for name in names)
    if uuid in facts.gone:
        facts.rendered_late.add(uuid)


def _tried(facts: Facts, name: str, process: int, got: bool) -> None:
    facts.tries[name, process, got] += 1


def _killed(facts: Facts, point: str) -> None:
    facts.killed.append(point)


_ENTER: dict[str, Callable[..., None]] = {
    "collection": _collection,
    "acknowledged": _acknowledged,
    "asked": _asked,
    "gone": _gone,
    "put": _put,
    "rendered": _rendered,
    "tried": _tried,
    "killed": _killed,
}
