"""What must hold after every fault, looked at from outside: in the database, in the store and in the ledger."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from sqlalchemy import select, text
from sqlalchemy.orm import Session, selectinload

from app.errors import ObjectMissing
from app.imaging import variants
from app.models import Collection, File, ProcessingStatus
from tests.faults.ledger import Facts
from tests.faults.pictures import metadata_of
from tests.faults.world import World

AT_UPLOAD = {spec.name for spec in variants.AT_UPLOAD}


@dataclass
class Inspection:
    """A look at a world that has come to rest: `breaches` in words, and `counts` of what is there."""

    world: World
    breaches: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def run(self) -> Inspection:
        """Check every invariant."""
        checks = (self._originals, self._rows, self._states, self._orphans, self._deleted, self._keys, self._database)
        for check in checks:
            self.breaches += check()
        self.counts["acknowledged"] = self.facts.acknowledged
        self.counts["rows"] = len(self.files)
        return self

    @cached_property
    def facts(self) -> Facts:
        """The ledger."""
        return self.world.ledger.facts()

    @cached_property
    def files(self) -> list[File]:
        """Every row, with its variants."""
        with Session(self.world.engine) as session:
            return list(session.scalars(select(File).options(selectinload(File.variants))))

    @cached_property
    def objects(self) -> dict[str, bytes | None]:
        """Every object of the store, read and digested by `_read`."""
        return {stored.key: None for stored in self.world.storage.list()}

    def _read(self, key: str) -> bytes | None:
        """An object's bytes, None if there is no such object; each is read once."""
        if self.objects.get(key) is None:
            try:
                with self.world.storage.open(key) as stream:
                    self.objects[key] = stream.read()
            except ObjectMissing:
                return None
        return self.objects[key]

    def _originals(self) -> Iterator[str]:
        """1: every original that was acknowledged is readable, with its SHA-256."""
        rows = {file.uuid: file for file in self.files if file.deleted_at is None}
        for uuid, sha256 in self.facts.kept.items():
            data = self._read(rows[uuid].storage_path) if uuid in rows else None
            if uuid not in rows or data is None:
                yield f"1: the acknowledged original {uuid} is lost"
            elif hashlib.sha256(data).hexdigest() != sha256:
                yield f"1: the acknowledged original {uuid} has other bytes"

    def _rows(self) -> Iterator[str]:
        """2 and 8: no row lacks its object, and no variant says more than its pixels."""
        for file in self.files:
            data = self._read(file.storage_path)
            if data is None or (len(data), hashlib.sha256(data).hexdigest()) != (file.size, file.sha256):
                yield f"2: the row of {file.uuid} ({file.processing_status}) lacks its object"
            paths = {row.path for row in file.variants}
            if not {file.thumb_path, file.medium_path} - {None} <= paths:
                yield f"2: {file.uuid} names variants that are not recorded"
            for row in file.variants:
                yield from self._variant(row.path, row.size)

    def _variant(self, path: str, size: int) -> Iterator[str]:
        data = self._read(path)
        if data is None or len(data) != size:
            yield f"2: the variant {path} lacks its object"
        elif said := metadata_of(data):
            yield f"8: the variant {path} says {said}"

    def _states(self) -> Iterator[str]:
        """4: every image has its variants, or has visibly failed."""
        for file in self.files:
            self.counts[str(file.processing_status)] += 1
            complete = {row.name for row in file.variants} >= AT_UPLOAD and file.thumb_path and file.medium_path
            failed = file.processing_status == ProcessingStatus.FAILED and file.error_code and file.error
            if not (failed or (file.processing_status == ProcessingStatus.COMPLETED and complete)):
                yield f"4: {file.uuid} is {file.processing_status} with {sorted(row.name for row in file.variants)}"

    def _orphans(self) -> Iterator[str]:
        """3: what has no row is the trace of something that was interrupted, and is not spoken for."""
        promised = self.facts.kept.keys() | self.facts.asked
        stems = {file.uuid for file in self.files}
        for key in self.orphans():
            stem = PurePosixPath(key).stem
            unrecorded = "/variants/" in key and stem.partition("_")[2] in stems
            if not unrecorded and (stem in promised or "/variants/" in key):
                yield f"3: the object {key} has no row"
            self.counts["unrecorded variants" if unrecorded else "originals of interrupted uploads"] += 1

    def orphans(self) -> set[str]:
        """The keys that no row knows."""
        known = {file.storage_path for file in self.files}
        return self.objects.keys() - known - {row.path for file in self.files for row in file.variants}

    def _deleted(self) -> Iterator[str]:
        """5: of what was deleted nothing remains, neither rows nor objects; what was only asked for may have stayed."""
        with Session(self.world.engine) as session:
            rows = {file.uuid for file in self.files}.union(session.scalars(select(Collection.uuid)))
        for uuid in self.facts.gone:
            if uuid in rows or any(uuid in key for key in self.objects):
                yield f"5: something remains of {uuid}, which was deleted"

    def _keys(self) -> Iterator[str]:
        """6: no key was ever written twice with different bytes."""
        for key, digests in self.facts.puts.items():
            self.counts["puts of the same bytes again"] += len(digests) - 1
            if len(set(digests)) > 1:
                yield f"6: {key} was written with {len(set(digests))} different contents"

    def _database(self) -> Iterator[str]:
        """The database itself is whole."""
        if self.world.engine.dialect.name != "sqlite":
            return
        with self.world.engine.connect() as connection:
            if (found := connection.execute(text("PRAGMA integrity_check")).scalar()) != "ok":
                yield f"the database is damaged: {found}"
            if broken := connection.execute(text("PRAGMA foreign_key_check")).all():
                yield f"rows without their parents: {broken}"
