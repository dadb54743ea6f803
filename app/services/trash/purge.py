"""Purge deleted files and collections: objects first, then rows; failures are retried until everything is gone."""

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
from app.services.trash.deletion import begin_purge
from app.services.uploads.abandoned import AbandonedUploads
from app.services.variants import private_originals, processing

logger = logging.getLogger(__name__)

# A round is kept short because the same thread also submits files that wait for their variants.
ROUND_FILES, ROUND_SECONDS = 1000, 2.0
BATCH = 10
DELETES_AT_ONCE = 8  # most of a remote delete is waiting for the network
PURGE_LEASE = timedelta(minutes=2)  # how long one process holds a row, and the wait after that process was killed
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=30), timedelta(hours=6)
PAGE = 500


@dataclass(frozen=True)
class Claimed:
    """A file claimed for purging, with every key under which its original or variants may be stored."""

    file_id: int
    uuid: str
    backend: str
    keys: frozenset[str]
    attempts: int


class PurgeService:
    """Purges files and collections that are due; must be used inside an app context."""

    def __init__(self, storage: StorageService | None = None) -> None:
        self._storage = storage or StorageService()
        self._abandoned = AbandonedUploads(self._storage)

    def purge_due(self, limit: int = ROUND_FILES, seconds: float = ROUND_SECONDS) -> int:
        """Purge what is due, for about `seconds` and at most `limit` files; returns the number of files purged.

        Stops at the first failure, so that an unavailable store is not called again and again.
        """
        deadline, gone = time.monotonic() + seconds, 0
        _begin_due()
        while gone < limit and time.monotonic() < deadline:
            batch = _claim_due(min(BATCH, limit - gone))
            done = self._purge(batch)
            gone += done
            if not batch or done < len(batch):
                break
        self._finish_collections()
        return gone

    def purge_file(self, file_id: int) -> bool:
        """Purge one file if it is due; returns whether it was purged."""
        return self._purge(_claim_due(1, File.id == file_id)) == 1

    def purge_files(self, file_ids: Sequence[int]) -> None:
        """Purge the due files of a list, without a time limit, then the collections left without files.

        Stops when no file of a whole batch could be purged.
        """
        _begin_due()
        while batch := _claim_due(BATCH, File.id.in_(file_ids)):
            if not self._purge(batch):
                break
        while self._finish_collections():
            pass

    def _purge(self, batch: list[Claimed]) -> int:
        """Delete the objects of the batch, then the rows of files without objects; returns the number of rows."""
        if not batch:
            return 0
        pairs = [(claimed, key) for claimed in batch for key in claimed.keys]
        with ThreadPoolExecutor(DELETES_AT_ONCE, thread_name_prefix="purge") as pool:
            whole = list(pool.map(lambda pair: self._remove(*pair), pairs))
        left = {claimed.file_id for (claimed, _), done in zip(pairs, whole, strict=True) if not done}
        _record(batch, left)
        return len(batch) - len(left)

    def _remove(self, claimed: Claimed, key: str) -> bool:
        """Delete an object; returns False if the store failed."""
        try:
            self._storage.named(claimed.backend).delete(key)
        except InvalidKey:
            logger.warning("purge file=%s: skipped the invalid key %r", claimed.uuid, key)
        except StorageError as error:
            logger.warning("purge failed file=%s attempt=%d: %s", claimed.uuid, claimed.attempts, error.message)
            return False
        return True

    def _finish_collections(self) -> int:
        """Purge collections without files, with the objects left below their prefix; returns their number."""
        gone = 0
        for collection_id, uuid, attempts in _claim_empty_collections():
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
                for key in keys - _keys_in_use(keys):
                    storage.delete(key)


def backoff(attempts: int) -> timedelta:
    """Return the wait after this many attempts: 30 s, times four each time, up to 6 h, with up to 50 % jitter."""
    longest: timedelta = min(LONGEST_DELAY, FIRST_DELAY * 4 ** min(attempts - 1, 10))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  no secret


def _begin_due() -> None:
    """Begin the purge of collections whose `purge_after` has passed."""
    due = and_(is_deleted(Collection), Collection.purging_at.is_(None), Collection.purge_after <= utc_now())
    if _any(select(Collection.id).where(due)):
        with transaction() as session:
            begin_purge(session, Collection.purge_after <= utc_now())


def _any(query: Select[Any]) -> bool:
    """Whether the query finds a row; checked before writing, so that an idle sweep takes no write lock."""
    with reading() as session:
        return session.scalar(query.limit(1)) is not None


def _is_due(now: datetime) -> ColumnElement[bool]:
    """The condition for a file to be due: past `purge_after`, and no worker may still store a variant of it.

    A file that was deleted with its collection is due once the purge of the collection has begun.
    """
    names = literal("variant/") + cast(File.id, String) + "/%"
    is_leased = and_(Lease.name.like(names), ~Lease.name.like("%/failed"), Lease.expires_at > now)
    return and_(
        is_deleted(File),
        File.purge_after <= now,
        or_(File.purging_at.is_not(None), ~File.deleted_with_collection),
        processing.is_unleased(now),
        ~exists().where(is_leased),
    )


def _claim_due(limit: int, *conditions: ColumnElement[bool]) -> list[Claimed]:
    """Claim due files for PURGE_LEASE; they cannot be restored afterwards."""
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
        others = _keys_in_use({key for file in files for key in _variant_keys(file)}, besides=ids)
        return [_with_keys(file, others) for file in files]


def _with_keys(file: File, others: set[str]) -> Claimed:
    paths = {file.storage_path, file.thumbnail_path, file.thumb_path, file.medium_path}
    keys = paths | {row.path for row in file.variants} | (_variant_keys(file) - others)
    return Claimed(file.id, file.uuid, file.storage_backend, frozenset(filter(None, keys)), file.purge_attempts)


def _variant_keys(file: File) -> set[str]:
    """Keys of variants that may be stored without a row, by a worker that was killed."""
    if not file.is_image:
        return set()
    extensions = {spec.name: formats.by_name(spec.format).extension for spec in variants.every()}
    made = {variant_key(file.storage_path, name, extension) for name, extension in extensions.items()}
    return made | private_originals.keys_of(file.storage_path)


def _keys_in_use(keys: set[str], besides: Sequence[int] = ()) -> set[str]:
    """Those of the keys that a row has, apart from the rows of the files in `besides`."""
    originals = select(File.storage_path).where(File.storage_path.in_(keys), File.id.not_in(besides))
    made = select(Variant.path).where(Variant.path.in_(keys), Variant.file_id.not_in(besides))
    return {*db.session.scalars(originals), *db.session.scalars(made)}


def _record(batch: list[Claimed], left: set[int]) -> None:
    """Delete the rows of files without objects, and schedule a retry for the others."""
    gone = [claimed.file_id for claimed in batch if claimed.file_id not in left]
    with transaction() as session:
        changed(session, delete(File).where(File.id.in_(gone), File.purging_at.is_not(None)))
        for file_id in gone:  # SQLite may reuse the id, and a new file must not inherit the failures of its variants
            changed(session, delete(Lease).where(Lease.name.like(f"variant/{file_id}/%")))
    for claimed in batch:
        if claimed.file_id in left:
            _postpone(File, [claimed.file_id], claimed.attempts)
    logger.info("purged files=%d left=%d", len(gone), len(left))


def _postpone(table: type[File] | type[Collection], ids: list[int], attempts: int) -> None:
    with transaction() as session:
        changed(session, update(table).where(table.id.in_(ids)).values(purge_after=utc_now() + backoff(attempts)))


def _is_empty() -> ColumnElement[bool]:
    return and_(Collection.purging_at.is_not(None), ~exists().where(File.collection_id == Collection.id))


def _claim_empty_collections() -> list[tuple[int, str, int]]:
    """Claim collections without files for PURGE_LEASE; returns (id, uuid, attempts) of each."""
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
