"""Two servers that share only a database and a store, observed from outside."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from app.errors import StorageError
from app.models import File, ProcessingStatus, Variant
from app.sqlite import WRITES
from tests.faults.client import Client, OverHttp, Sent
from tests.faults.world import World
from tests.support.server import LiveServer

THREADS = 4  # of each server
SWEEP_SECONDS = 0.2  # instead of 5: the two sweeps meet in every race
# What a log tells of faults, by the name under which they are counted
FAULTS = {
    "locked": re.compile(r"database is locked|deadlock detected", re.IGNORECASE),
    "5xx": re.compile(r"answered 5\d\d|(GET|POST) \S+ failed"),
    "unexpected ends": re.compile(r"ended unexpectedly|Exception in thread|Traceback|the sweep could not"),
    "failed attempts": re.compile(r"variants? failed"),
}
IN_VAIN = re.compile(r"variants? failed file=(\S+)")


@dataclass
class Person(OverHttp):
    """Somebody signed in at one of the servers; every answer is counted by its status."""

    def __init__(self, photographer: Any, answers: Counter[int]) -> None:
        super().__init__(photographer)
        self._answers, self._lock = answers, Lock()

    def get(self, path: str) -> int:
        """The status of the answer, read to its end."""
        return self._counted(super().get(path))

    def post(self, path: str, fields: dict[str, str], files: Sent = ()) -> tuple[int, Any]:
        """The status of the answer and its JSON."""
        status, answer = super().post(path, fields, files)
        return self._counted(status), answer

    def _counted(self, status: int) -> int:
        with self._lock:
            self._answers[status] += 1
        return status


class Pair:
    """Two servers at work on a world, and somebody signed in at each."""

    def __init__(self, world: World, servers: list[LiveServer], people: list[Person], answers: Counter[int]) -> None:
        self.world, self.people, self.answers = world, people, answers
        self.clients = [Client(person, world.ledger) for person in people]
        self._servers = servers

    def faults(self) -> Counter[str]:
        """Counts of the faults in the logs, and of responses of 500 and above."""
        lines = list(self.error_lines())
        found = Counter({name: sum(bool(fault.search(line)) for line in lines) for name, fault in FAULTS.items()})
        found["5xx"] = max(found["5xx"], sum(times for status, times in self.answers.items() if status >= 500))
        return found

    def error_lines(self) -> Iterator[str]:
        """The log lines of faults, without lines about discarded work on deleted files."""
        deleted = self.world.ledger.facts().asked
        for server in self._servers:
            for line in server.log.read_text().splitlines():
                in_vain = IN_VAIN.search(line)
                if any(fault.search(line) for fault in FAULTS.values()) and not (in_vain and in_vain[1] in deleted):
                    yield f"{server.log.parent.name}: {line}"

    def unmake(self, uuid: str, *, pending: bool) -> None:
        """Remove every variant from the store; if `pending`, from the database too, as if never made."""
        with Session(self.world.engine) as session, session.begin():
            session.connection(execution_options={WRITES: True})  # it reads first, and the sweeps write meanwhile
            file = session.scalars(select(File).where(File.uuid == uuid)).one()
            for row in file.variants:
                self.world.storage.delete(row.path)
            if pending:
                session.execute(delete(Variant).where(Variant.file_id == file.id))
                fresh = {"thumb_path": None, "medium_path": None, "attempts": 0}
                unmade = update(File).where(File.id == file.id)
                session.execute(unmade.values(processing_status=ProcessingStatus.PENDING, **fresh))

    def is_whole(self, uuid: str) -> bool:
        """Whether every variant is recorded and stored, those made on demand too."""
        paths = self.paths(uuid)
        try:
            return set(paths) == NAMES and all(self.world.storage.stat(path).size for path in paths.values())
        except StorageError:
            return False

    def paths(self, uuid: str) -> dict[str, str]:
        """The variants that are recorded of a file: where they lie, by name."""
        query = select(Variant.name, Variant.path).join(File).where(File.uuid == uuid)
        with Session(self.world.engine) as session:
            return {row.name: row.path for row in session.execute(query)}

    def tries(self, uuid: str) -> Counter[tuple[str, int, bool]]:
        """How often each server tried to have this file or a variant of it: (name, process, got it)."""
        with Session(self.world.engine) as session:
            file_id = session.scalar(select(File.id).where(File.uuid == uuid))
        return Counter(
            {
                each: times
                for each, times in self.world.ledger.facts().tries.items()
                if each[0] == str(file_id) or each[0].startswith(f"variant/{file_id}/")
            }
        )

    def live_twins(self, sha256: str) -> list[str]:
        """The live files of these bytes."""
        query = select(File.uuid).where(File.sha256 == sha256, File.deleted_at.is_(None))
        with Session(self.world.engine) as session:
            return list(session.scalars(query))

    def is_gone(self, *uuids: str) -> bool:
        """Whether the database has no rows of these files."""
        with Session(self.world.engine) as session:
            return not session.scalar(select(exists().where(File.uuid.in_(uuids))))

    def doubles(self) -> int:
        """How many rows of variants there are beyond one for each file and name, or for each object."""
        with Session(self.world.engine) as session:
            rows = session.scalar(select(func.count()).select_from(Variant)) or 0
            names = len(session.execute(select(Variant.file_id, Variant.name).distinct()).all())
            return 2 * rows - names - len(set(session.scalars(select(Variant.path))))


NAMES = {"large", "medium", "small", "thumb"}


@contextmanager
def pair(world: World) -> Iterator[Pair]:
    """Start both, each with its own log; they stop at the end."""
    settings = {
        "DATABASE_URL": world.url,
        "STORAGE_PATH": str(world.folder / "storage"),
        "FAULTS_LEDGER": str(world.ledger.path),
        "FAULTS_SWEEP_SECONDS": str(SWEEP_SECONDS),
        "GUNICORN_CMD_ARGS": f"--threads={THREADS}",
        "TRASH_DAYS": "0",
    }
    servers = [LiveServer(world.folder / name, config="tests.faults.live", **settings) for name in ("one", "other")]
    answers: Counter[int] = Counter()
    with ExitStack() as stack:
        for server in servers:
            stack.enter_context(server)
        servers[0].create_user()
        people = [Person(stack.enter_context(server.sign_in()), answers) for server in servers]
        yield Pair(world, list(servers), people, answers)
