"""Removing for good what was deleted: objects first, rows only when every object is gone, tried until it is done."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, delete, exists, func, literal, or_, select, update
from sqlalchemy.orm import selectinload

from app.errors import InvalidKey, StorageError
from app.imaging import formats, variants
from app.models import Collection, File, Lease, Variant, db, utc_now
from app.services.lookup import is_deleted
from app.services.storage_service import StorageService, original_key, variant_key
from app.services.transactions import changed, reading, transaction
from app.services.trash.deletion import condemn_collections
from app.services.uploads.abandoned import AbandonedUploads
from app.services.variants import private_originals, processing

logger = logging.getLogger(__name__)

# A round of the sweep is kept short: what waits for its variants is handed over by the same thread.
ROUND_FILES, ROUND_SECONDS = 1000, 2.0
BATCH = 10
DELETES_AT_ONCE = 8  # a store far away takes longer to answer than to delete
PURGE_LEASE = timedelta(minutes=2)  # how long one process holds a row; also the wait after it was killed
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=30), timedelta(hours=6)
PAGE = 500


@dataclass(frozen=True)
class Doomed:
    """A file that is being removed: where its bytes are, or may be."""

    file_id: int
    uuid: str
    backend: str
    keys: frozenset[str]
    attempts: int


class PurgeService:
    """Removes what is due; must be used inside an app context."""

    def __init__(self, storage: StorageService | None = None) -> None:
        self._storage = storage or StorageService()
        self._abandoned = AbandonedUploads(self._storage)

    def purge_due(self, limit: int = ROUND_FILES, seconds: float = ROUND_SECONDS) -> int:
        """Remove files and collections whose time has come, for about as long as this; returns how many files went.

        A round ends at the first failure: a store that does not answer is not asked again and again.
        """
        deadline, gone = time.monotonic() + seconds, 0
        _condemn_due()
        while gone < limit and time.monotonic() < deadline:
            batch = _claimed(min(BATCH, limit - gone))
            done = self._removed(batch)
            gone += done
            if not batch or done < len(batch):
                break
        self._finish_collections()
        return gone

    def purge_file(self, file_id: int) -> bool:
        """Remove one file if it is due; whether it is gone now."""
        return self._removed(_claimed(1, File.id == file_id)) == 1

    def purge_files(self, file_ids: Sequence[int]) -> None:
        """Remove these files as far as they are due, however long it takes, and the collections that are empty by then.

        Ends when nothing of a whole batch could be removed.
        """
        _condemn_due()
        while batch := _claimed(BATCH, File.id.in_(file_ids)):
            if not self._removed(batch):
                break
        while self._finish_collections():
            pass

    def _removed(self, batch: list[Doomed]) -> int:
        """Remove the objects of the batch and the rows of those that have none left; returns how many."""
        if not batch:
            return 0
        pairs = [(doomed, key) for doomed in batch for key in doomed.keys]
        with ThreadPoolExecutor(DELETES_AT_ONCE, thread_name_prefix="purge") as pool:
            whole = list(pool.map(lambda pair: self._remove(*pair), pairs))
        left = {doomed.file_id for (doomed, _), done in zip(pairs, whole, strict=True) if not done}
        _record(batch, left)
        return len(batch) - len(left)

    def _remove(self, doomed: Doomed, key: str) -> bool:
        """Whether the object is gone."""
        try:
            self._storage.named(doomed.backend).delete(key)
        except InvalidKey:
            logger.warning("purge file=%s: no store can hold the key %r", doomed.uuid, key)
        except StorageError as error:
            logger.warning("purge failed file=%s attempt=%d: %s", doomed.uuid, doomed.attempts, error.message)
            return False
        return True

    def _finish_collections(self) -> int:
        """Remove collections that have no files left, with whatever still lies in their folders; returns how many."""
        gone = 0
        for collection_id, uuid, attempts in _emptied():
            try:
                self._abandoned.discard_of(collection_id)
                self._remove_leftovers(original_key(uuid, ""))
            except StorageError as error:
                logger.warning("purge failed collection=%s attempt=%d: %s", uuid, attempts, error.message)
                _postpone(Collection, [collection_id], attempts)
            else:
                with transaction() as session:
                    changed(session, delete(Collection).where(Collection.id == collection_id, _is_empty()))
                logger.info("purged collection=%s", uuid)
                gone += 1
        return gone

    def _remove_leftovers(self, prefix: str) -> None:
        for storage in self._storage.every:
            for keys in _pages(stored.key for stored in storage.list(prefix)):
                for key in keys - _recorded(keys):
                    storage.delete(key)


def backoff(attempts: int) -> timedelta:
    """How long to wait after this many attempts: half a minute, then four times as long each time, up to six hours."""
    longest: timedelta = min(LONGEST_DELAY, FIRST_DELAY * 4 ** min(attempts - 1, 10))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  no secret


def _condemn_due() -> None:
    """Begin with the collections whose time has come."""
    due = and_(is_deleted(Collection), Collection.purging_at.is_(None), Collection.purge_after <= utc_now())
    if _any(select(Collection.id).where(due)):
        with transaction() as session:
            condemn_collections(session, Collection.purge_after <= utc_now())


def _any(query: Select[Any]) -> bool:
    """Whether there is one; asked before writing, so that the sweep of an idle server takes no write lock."""
    with reading() as session:
        return session.scalar(query.limit(1)) is not None


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Deleted for long enough, and left alone by whoever makes variants: they might yet store one.

    What was deleted with its collection waits for the purge of that, which decides whether it can still be restored.
    """
    names = literal("variant/") + cast(File.id, String) + "/%"
    at_work = and_(Lease.name.like(names), ~Lease.name.like("%/failed"), Lease.expires_at > now)
    return and_(
        is_deleted(File),
        File.purge_after <= now,
        or_(File.purging_at.is_not(None), ~File.deleted_with_collection),
        processing.is_unleased(now),
        ~exists().where(at_work),
    )


def _claimed(limit: int, *conditions: ColumnElement[bool]) -> list[Doomed]:
    """Take files that are due, for PURGE_LEASE; nobody can restore them from here on."""
    now = utc_now()
    due = select(File.id).where(_is_due(now), *conditions).order_by(File.purge_after, File.id).limit(limit)
    if not _any(due):
        return []
    with transaction() as session:
        ids = list(session.scalars(due.with_for_update(skip_locked=True, of=File)))
        begun = {"purging_at": func.coalesce(File.purging_at, now), "purge_attempts": File.purge_attempts + 1}
        mine = update(File).where(File.id.in_(ids))
        changed(session, mine.values(**begun, purge_after=now + PURGE_LEASE, lease_token=None, lease_expires_at=None))
        files = session.scalars(select(File).where(File.id.in_(ids)).options(selectinload(File.variants))).all()
        others = _recorded({key for file in files for key in _derived(file)}, besides=ids)
        return [_doomed(file, others) for file in files]


def _doomed(file: File, others: set[str]) -> Doomed:
    paths = {file.storage_path, file.thumbnail_path, file.thumb_path, file.medium_path}
    keys = paths | {row.path for row in file.variants} | (_derived(file) - others)
    return Doomed(file.id, file.uuid, file.storage_backend, frozenset(filter(None, keys)), file.purge_attempts)


def _derived(file: File) -> set[str]:
    """Where variants may lie that were never recorded: a worker may have been killed."""
    if not file.is_image:
        return set()
    extensions = {spec.name: formats.by_name(spec.format).extension for spec in variants.every()}
    made = {variant_key(file.storage_path, name, extension) for name, extension in extensions.items()}
    return made | private_originals.keys_of(file.storage_path)


def _recorded(keys: set[str], besides: Sequence[int] = ()) -> set[str]:
    """Those keys that a row knows, but for the rows of these files."""
    originals = select(File.storage_path).where(File.storage_path.in_(keys), File.id.not_in(besides))
    made = select(Variant.path).where(Variant.path.in_(keys), Variant.file_id.not_in(besides))
    return {*db.session.scalars(originals), *db.session.scalars(made)}


def _record(batch: list[Doomed], left: set[int]) -> None:
    """Forget the files that are gone; of the others, try again later."""
    gone = [doomed.file_id for doomed in batch if doomed.file_id not in left]
    with transaction() as session:
        changed(session, delete(File).where(File.id.in_(gone), File.purging_at.is_not(None)))
        for file_id in gone:  # SQLite gives the id to the next upload, which must not inherit that a variant failed
            changed(session, delete(Lease).where(Lease.name.like(f"variant/{file_id}/%")))
    for doomed in batch:
        if doomed.file_id in left:
            _postpone(File, [doomed.file_id], doomed.attempts)
    logger.info("purged files=%d left=%d", len(gone), len(left))


def _postpone(table: type[File] | type[Collection], ids: list[int], attempts: int) -> None:
    with transaction() as session:
        changed(session, update(table).where(table.id.in_(ids)).values(purge_after=utc_now() + backoff(attempts)))


def _is_empty() -> ColumnElement[bool]:
    return and_(Collection.purging_at.is_not(None), ~exists().where(File.collection_id == Collection.id))


def _emptied() -> list[tuple[int, str, int]]:
    """Take collections of which only the row is left, for PURGE_LEASE: id, uuid and number of attempts."""
    now = utc_now()
    due = select(Collection.id).where(Collection.purge_after <= now, _is_empty()).limit(BATCH)
    if not _any(due):
        return []
    with transaction() as session:
        ids = list(session.scalars(due.with_for_update(skip_locked=True, of=Collection)))
        mine = update(Collection).where(Collection.id.in_(ids))
        changed(session, mine.values(purge_after=now + PURGE_LEASE, purge_attempts=Collection.purge_attempts + 1))
        facts = select(Collection.id, Collection.uuid, Collection.purge_attempts).where(Collection.id.in_(ids))
        return [(row.id, row.uuid, row.purge_attempts) for row in session.execute(facts)]


def _pages(keys: Iterable[str]) -> Iterator[set[str]]:
    rest = iter(keys)
    while page := set(islice(rest, PAGE)):
        yield page
