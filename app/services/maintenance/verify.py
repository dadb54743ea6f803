"""Verify that the database and the stores meet the invariants of the design; read-only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from app.errors import ObjectMissing, StorageUnavailable
from app.integrations.base import StoredObject
from app.models import ProcessingStatus, utc_now
from app.services.maintenance import findings, overdue, rows
from app.services.maintenance.comparison import Comparison
from app.services.maintenance.findings import Finding, Fix
from app.services.maintenance.inventory import DEPRECATED, ORIGINAL, Expected, Inventory, Pairing, expected_of
from app.services.maintenance.rows import FileRow

OUR_PREFIX = "collections/"  # a bucket may have other contents, so only objects below this count as orphans
CONFIRM_BATCH = 200  # findings whose rows are read a second time by the same two statements


class Verification(Comparison):
    """Reads every row, then compares the listing of every store; must be created inside an app context."""

    def findings(self) -> Iterator[Finding]:
        """Yield all findings, each confirmed by a second look, because data changes while it is read."""
        with Inventory(self._folder) as inventory:
            for batch in in_batches(self._of_rows(inventory)):
                yield from self._confirmed_rows(batch)
            yield from overdue.findings()
            for backend in sorted({*inventory.counts(), *self._storage.backends()}):
                for batch in in_batches(self._of_store(inventory, backend)):
                    yield from self._confirmed_objects(batch)

    def _of_rows(self, inventory: Inventory) -> Iterator[Finding]:
        for batch in self._added_to(inventory):
            now = utc_now()
            for row in batch:
                yield from findings.of_row(row, now)

    @staticmethod
    def _confirmed_rows(suspects: list[Finding]) -> Iterator[Finding]:
        now, fresh = utc_now(), rows.by_id(file_ids(suspects))
        for suspect in suspects:
            row = fresh.get(suspect.file_id or 0)
            if row is not None and suspect in findings.of_row(row, now):
                yield suspect

    def _of_store(self, inventory: Inventory, backend: str) -> Iterator[Finding]:
        number = inventory.counts().get(backend, 0)
        try:
            storage = self._storage.named(backend)
        except StorageUnavailable as error:
            yield Finding(1, f"{number} objects cannot be checked: {error.message}", Fix.NONE)
            return
        oldest = utc_now() - self._orphan_age
        with self._progress(f"Comparing with the store '{backend}'", number) as advance:
            for pairing in inventory.paired(backend, storage.list()):
                yield from of_pairing(pairing, oldest)
                advance(len(pairing.expected))

    def _confirmed_objects(self, suspects: list[Finding]) -> Iterator[Finding]:
        fresh = rows.by_id(file_ids(suspects))
        taken = rows.recorded([item.key for item in suspects if item.fix is Fix.ORPHANS and item.key])
        for suspect in suspects:
            if suspect.file_id is None:
                if suspect.key not in taken:
                    yield suspect
            elif (row := fresh.get(suspect.file_id)) is not None and self._is_still_wrong(suspect, row):
                yield suspect

    def _is_still_wrong(self, suspect: Finding, row: FileRow) -> bool:
        item = still_expected(suspect, row)
        if item is None:
            return False
        if suspect.invariant == 6:
            return True
        try:
            found = self._storage.named(row.backend).stat(item.key)
        except ObjectMissing:
            return True
        return item.size is not None and found.size != item.size


def of_pairing(pairing: Pairing, oldest: datetime) -> Iterator[Finding]:
    """Yield the findings for one key; an object modified before `oldest` must have a row."""
    for item in pairing.expected:
        if item.needed and item.name != DEPRECATED:
            yield from _of_object(item, pairing.stored)
    sized = [item for item in pairing.expected if item.size is not None]
    for item in sized[1:]:
        words = f"It has the same object as file {sized[0].uuid}."
        yield Finding(6, words, Fix.NONE, item.file_id, item.uuid, item.key, item.name)
    if pairing.stored is not None and not pairing.expected and is_orphan(pairing.stored, oldest):
        words = "No row names this object. A deletion or an interrupted upload may have left it."
        yield Finding(3, words, Fix.ORPHANS, key=pairing.key)


def is_orphan(stored: StoredObject, oldest: datetime) -> bool:
    """Return whether an object without a row is below OUR_PREFIX and older than any write in progress."""
    return stored.key.startswith(OUR_PREFIX) and stored.modified_at < oldest


def _of_object(item: Expected, stored: StoredObject | None) -> Iterator[Finding]:
    subject = "The original" if item.name == ORIGINAL else f"The variant {item.name}"
    if stored is None:
        words = f"{subject} is not in the store."
    elif item.size is not None and stored.size != item.size:
        words = f"{subject} has {stored.size} bytes in the store instead of {item.size}."
    else:
        return
    invariant, fix = (1, Fix.NONE) if item.name == ORIGINAL else (2, Fix.REMAKE)
    yield Finding(invariant, words, fix, item.file_id, item.uuid, item.key, item.name)


def still_expected(suspect: Finding, row: FileRow) -> Expected | None:
    """Return the object of a finding as the row names it; None if it was deleted, changed or is being processed."""
    lease = row.lease_expires_at
    if not row.live or (row.status is ProcessingStatus.PROCESSING and lease is not None and lease > utc_now()):
        return None
    return next((each for each in expected_of(row) if (each.key, each.name) == (suspect.key, suspect.name)), None)


def file_ids(suspects: Iterable[Finding]) -> list[int]:
    """Return the ids of the files of these findings, sorted and without duplicates."""
    return sorted({item.file_id for item in suspects if item.file_id is not None})


def in_batches(suspects: Iterable[Finding]) -> Iterator[list[Finding]]:
    """Yield the findings in batches of CONFIRM_BATCH."""
    iterator = iter(suspects)
    while batch := list(islice(iterator, CONFIRM_BATCH)):
        yield batch
