"""Several gunicorn processes over one PostgreSQL and one Redis, with a Celery worker, as docs/operate.md has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.support.celery_workers import worker
from tests.support.server import LiveServer, migrate
from tests.support.studio import EMAIL


@dataclass(frozen=True)
class Processes:
    """Running servers that share a database, a store, a broker and counters."""

    servers: list[LiveServer]
    database: str

    @property
    def urls(self) -> list[str]:
        """The address of each."""
        return [server.url for server in self.servers]

    @property
    def ports(self) -> list[int]:
        """The port of each."""
        return [server.port for server in self.servers]

    @property
    def storage(self) -> Path:
        """The folder of the store."""
        return Path(self.servers[0].environment["STORAGE_PATH"])

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database answers; an empty list for a statement without rows."""
        with psycopg.connect(self.database.replace("+psycopg", "")) as connection:
            found = connection.execute(statement, values)
            return found.fetchall() if found.description else []


@contextmanager
def processes(folder: Path, database: str, broker: str, count: int = 2, **settings: str) -> Iterator[Processes]:
    """So many servers, each in a process of its own, an account at them, and a worker that makes variants."""
    shared = {
        "DATABASE_URL": database,
        "STORAGE_PATH": str(folder / "storage"),
        "QUEUE_URL": broker,
        "RATE_LIMIT_URL": broker,
        "TRUSTED_PROXIES": "1",
        "VARIANT_WAIT_SECONDS": "30",
    }
    servers = [LiveServer(folder / f"server{number}", **shared | settings) for number in range(count)]
    migrate(servers[0].environment)
    with ExitStack() as stack:
        for server in servers:
            server.start()
            stack.callback(server.kill)
        servers[0].create_user(EMAIL)
        stack.enter_context(worker(servers[0], "worker"))
        yield Processes(servers, database)
