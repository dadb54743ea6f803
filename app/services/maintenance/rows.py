"""Read files and their variants as plain values, in batches of two statements each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnExpressionArgument, Executable, func, select

from app.models import File, ProcessingStatus, Upload, Variant, db
from app.services.lookup import is_live
from app.services.transactions import reading

BATCH = 1000
Condition = ColumnExpressionArgument[bool]
_FILE = (
    File.id,
    File.uuid,
    File.storage_path,
    File.storage_backend,
    File.size,
    File.sha256,
    File.crc32,
    File.mime_type,
    File.upload_complete,
    File.width,
    File.height,
    File.thumbnail_path,
    File.thumb_path,
    File.medium_path,
    File.processing_status,
    File.next_attempt_at,
    File.lease_expires_at,
)
_VARIANT = (
    *(Variant.file_id, Variant.name, Variant.path, Variant.width, Variant.height, Variant.size),
    *(Variant.format, Variant.sha256),
)


@dataclass(frozen=True, slots=True)
class VariantRow:
    """The row of one variant."""

    file_id: int
    name: str
    path: str
    width: int
    height: int
    size: int
    format: str = "jpeg"
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class FileRow:
    """The row of one file and the rows of its variants, detached from the session."""

    id: int
    uuid: str
    path: str
    backend: str
    size: int
    sha256: str | None
    crc32: int | None
    mime_type: str
    upload_complete: bool
    width: int | None
    height: int | None
    thumbnail_path: str | None
    thumb_path: str | None
    medium_path: str | None
    status: ProcessingStatus
    next_attempt_at: datetime | None
    lease_expires_at: datetime | None
    live: bool
    variants: tuple[VariantRow, ...] = ()

    @property
    def is_image(self) -> bool:
        """Whether variants are made of this file."""
        return self.mime_type.startswith("image/")

    def variant(self, name: str) -> VariantRow | None:
        """Return the variant of this name, or None."""
        return next((row for row in self.variants if row.name == name), None)


def count(*conditions: Condition) -> int:
    """Return the number of files that meet the conditions."""
    return int(_read(lambda: db.session.scalar(select(func.count()).select_from(File).where(*conditions))) or 0)


def ids(*conditions: Condition, after: int = 0, size: int = BATCH) -> Iterator[list[int]]:
    """Yield the ids of the files that meet the conditions, in order, in batches of one statement each."""
    while True:
        query = select(File.id).where(File.id > after, *conditions).order_by(File.id).limit(size)
        batch = list(_read(partial(_scalars, query)))
        if not batch:
            return
        yield batch
        after = batch[-1]


def batches(*conditions: Condition, after: int = 0, size: int = BATCH) -> Iterator[list[FileRow]]:
    """Yield the files that meet the conditions in batches, ordered by id, including deleted files."""
    while True:
        batch = _files(select(*_FILE, is_live(File)).where(File.id > after, *conditions).order_by(File.id).limit(size))
        if not batch:
            return
        yield _with_variants(batch)
        after = batch[-1].id


def by_id(file_ids: Sequence[int]) -> dict[int, FileRow]:
    """Return the current rows of these files by id; files without a row are omitted."""
    if not file_ids:
        return {}
    batch = _files(select(*_FILE, is_live(File)).where(File.id.in_(file_ids)).order_by(File.id))
    return {row.id: row for row in _with_variants(batch)}


def recorded(keys: Sequence[str]) -> set[str]:
    """Return the keys in the list that a row names now."""
    if not keys:
        return set()
    originals = select(File.storage_path).where(File.storage_path.in_(keys))
    variants = select(Variant.path).where(Variant.path.in_(keys))
    coming = select(Upload.storage_path).where(Upload.storage_path.in_(keys))  # uploads that are not committed yet
    return set(_read(partial(_scalars, originals.union_all(variants, coming))))


def arriving() -> set[str]:
    """Return the keys of unfinished multipart uploads, whose parts must stay in the store."""
    return set(_read(partial(_scalars, select(Upload.storage_path).where(Upload.multipart_id.is_not(None)))))


def _scalars(query: Executable) -> list[Any]:
    return list(db.session.scalars(query))


def _files(query: Executable) -> list[FileRow]:
    return [FileRow(*row) for row in _read(lambda: db.session.execute(query).all())]


def _with_variants(batch: list[FileRow]) -> list[FileRow]:
    query = select(*_VARIANT).where(Variant.file_id.in_([row.id for row in batch])).order_by(Variant.id)
    of_file: dict[int, list[VariantRow]] = {}
    for values in _read(lambda: db.session.execute(query).all()):
        row = VariantRow(*values)
        of_file.setdefault(row.file_id, []).append(row)
    return [replace(row, variants=tuple(of_file.get(row.id, ()))) for row in batch]


def _read(query: Callable[[], Any]) -> Any:
    """Run a query and end its transaction, because a long command must not hold one open."""
    with reading():
        return query()
