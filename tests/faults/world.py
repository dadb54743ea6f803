"""A database, a store and a ledger that outlive the processes which work on them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, select, update
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from app import sqlite
from app.integrations.base import FileStorage
from app.integrations.file_storage import CloudflareR2Storage
from app.integrations.local_storage import LocalStorage
from app.integrations.s3.settings import R2Settings
from app.models import Collection, File, Lease, ProcessingStatus, utc_now
from tests.faults.ledger import Ledger
from tests.support.s3 import settings_of


@dataclass(frozen=True)
class World:
    """A world on disk; `database` and `r2` if they are elsewhere."""

    folder: Path
    database: str = ""
    r2: R2Settings | None = None

    @property
    def url(self) -> str:
        """The address of the database."""
        return self.database or f"sqlite:///{self.folder / 'world.db'}"

    @property
    def ledger(self) -> Ledger:
        """The ledger of what was acknowledged."""
        return Ledger(self.folder / "ledger.jsonl")

    @property
    def log(self) -> Path:
        """The log of the processes."""
        return self.folder / "log"

    @property
    def spool(self) -> Path:
        """The folder of incoming files."""
        return self.folder / "spool"

    @property
    def storage(self) -> FileStorage:
        """The store, without the faults that the program meets."""
        return CloudflareR2Storage(self.r2) if self.r2 else LocalStorage(self.folder / "storage")

    @cached_property
    def engine(self) -> Engine:
        """A way to the database that the program knows nothing of; no connection is kept, since processes fork."""
        engine = create_engine(self.url, poolclass=NullPool)
        sqlite.configure(engine)
        return engine

    def settings(self) -> dict[str, Any]:
        """What an app of this world is made with."""
        return {
            "TESTING": True,
            "SECRET_KEY": "only for tests",
            "DATABASE_URL": self.url,
            "STORAGE_PATH": str(self.folder / "storage"),
            "SPOOL_PATH": str(self.spool),
            "TRASH_DAYS": 0,
            "WTF_CSRF_ENABLED": False,
            "RATELIMIT_ENABLED": False,
        } | self._r2_settings()

    def _r2_settings(self) -> dict[str, Any]:
        return settings_of(self.r2) if self.r2 else {}

    def let_time_pass(self) -> None:
        """End every lease and every wait, as the clock would."""
        now = utc_now()
        with Session(self.engine) as session, session.begin():
            session.execute(update(Lease).values(expires_at=now))
            session.execute(update(File).where(File.lease_token.is_not(None)).values(lease_expires_at=now))
            session.execute(update(File).where(File.next_attempt_at.is_not(None)).values(next_attempt_at=now))
            for table in (File, Collection):
                session.execute(update(table).where(table.purge_after.is_not(None)).values(purge_after=now))

    def uuids(self) -> list[str]:
        """The uuids of all files, acknowledged or not."""
        with Session(self.engine) as session:
            return list(session.scalars(select(File.uuid)))

    def is_settled(self) -> bool:
        """Whether no work is left to do."""
        with Session(self.engine) as session:
            busy = (ProcessingStatus.PENDING, ProcessingStatus.PROCESSING, ProcessingStatus.RETRYING)
            working = session.query(File.id).filter(File.processing_status.in_(busy) | File.deleted_at.is_not(None))
            going = session.query(Collection.id).filter(Collection.deleted_at.is_not(None))
            return working.first() is None and going.first() is None
