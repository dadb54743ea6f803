"""Deep verification: read every stored byte, compare digests, and decode every variant."""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from flask import current_app

from app.errors import ImageError, ObjectMissing, StorageError
from app.imaging import privacy
from app.imaging.traces import Inspection, inspect
from app.models import File
from app.services.lookup import is_live
from app.services.maintenance import rows
from app.services.maintenance.findings import Finding, Fix
from app.services.maintenance.rows import FileRow, VariantRow
from app.services.maintenance.verify import file_ids, still_expected
from app.services.progress import Position, Progress, silent
from app.services.storage_service import StorageService
from app.services.variants import private_originals

COPY_BYTES = 1 << 20
BATCH = 100  # files between two saves of the position, so at most this many are read again after an interruption


class DeepVerification:
    """Reads every stored byte, file by file, and resumes an interrupted run."""

    def __init__(
        self,
        storage: StorageService | None = None,
        progress: Progress = silent,
        workers: int | None = None,
        purpose: str = "verify",
    ) -> None:
        self._storage = storage or StorageService()
        self._progress = progress
        self._workers = workers or int(current_app.config["VARIANT_WORKERS"])
        self._position = Position(Path(current_app.config["MAINTENANCE_PATH"]), f"{purpose}-deep")

    @property
    def earlier(self) -> tuple[int, int]:
        """The id of the last file read by an interrupted run, and the number of its findings; 0, 0 without one."""
        return self._position.after, self._position.found

    def restart(self) -> None:
        """Forget the position of an interrupted run."""
        self._position.forget()

    def findings(self) -> Iterator[Finding]:
        """Yield damaged objects and variants with metadata; `Verification` finds missing ones and wrong lengths."""
        left = rows.count(is_live(File), File.upload_complete, File.id > self._position.after)
        with (
            ThreadPoolExecutor(self._workers, thread_name_prefix="verify") as pool,
            self._progress("Reading every object", left) as advance,
        ):
            for batch in rows.batches(is_live(File), File.upload_complete, after=self._position.after, size=BATCH):
                suspects = [finding for found in pool.map(self._of_file, batch) for finding in found]
                confirmed = list(_confirmed(suspects))
                yield from confirmed
                self._position.reached(batch[-1].id, len(confirmed))
                self._position.save()
                advance(len(batch))
        self._position.forget()

    def _of_file(self, row: FileRow) -> list[Finding]:
        """Runs in a thread of the pool and must not use the database."""
        return [*self._of_original(row), *(each for variant in row.variants for each in self._of_variant(row, variant))]

    def _of_original(self, row: FileRow) -> Iterator[Finding]:
        try:
            size, sha256, crc32 = self._digests(row)
        except ObjectMissing:
            return
        except StorageError as error:
            yield _finding(row, 1, f"The original cannot be read completely: {error.message}", Fix.NONE)
            return
        if size == row.size and (row.sha256 or sha256, row.crc32 or crc32) != (sha256, crc32):
            yield _finding(row, 1, "The original's bytes are not those that were uploaded.", Fix.NONE)

    def _digests(self, row: FileRow) -> tuple[int, str, int]:
        digest, crc32, size = hashlib.sha256(), 0, 0
        with self._storage.named(row.backend).open(row.path) as stream:
            while chunk := stream.read(COPY_BYTES):
                digest.update(chunk)
                crc32 = zlib.crc32(chunk, crc32)
                size += len(chunk)
        return size, digest.hexdigest(), crc32

    def _of_variant(self, row: FileRow, variant: VariantRow) -> Iterator[Finding]:
        try:
            with self._storage.named(row.backend).open(variant.path) as stream:
                data = stream.read()
            if len(data) == variant.size:
                seen = list(_of_picture(row, variant, _inspected(data, variant)))
                yield from seen or _of_bytes(row, variant, data)  # a visible fault says more than a wrong digest
        except ObjectMissing:
            return
        except (StorageError, ImageError) as error:
            yield _of(row, variant, 2, f"The variant {variant.name} cannot be read: {error.message}")


def _inspected(data: bytes, variant: VariantRow) -> Inspection:
    if variant.name == private_originals.NAME:  # may keep EXIF, but not the location
        return privacy.inspect(data, variant.format)
    return inspect(io.BytesIO(data))


def _of_bytes(row: FileRow, variant: VariantRow, data: bytes) -> Iterator[Finding]:
    if variant.sha256 not in (None, hashlib.sha256(data).hexdigest()):
        yield _of(row, variant, 2, f"The bytes of the variant {variant.name} have changed.")


def _of_picture(row: FileRow, variant: VariantRow, seen: Inspection) -> Iterator[Finding]:
    if (seen.width, seen.height) != (variant.width, variant.height):
        words = f"has {seen.width} x {seen.height} pixels instead of {variant.width} x {variant.height}."
        yield _of(row, variant, 2, f"The variant {variant.name} {words}")
    if seen.traces:
        yield _of(row, variant, 8, f"The variant {variant.name} carries {' and '.join(seen.traces)}.")


def _of(row: FileRow, variant: VariantRow, invariant: int, words: str) -> Finding:
    return Finding(invariant, words, Fix.REMAKE, row.id, row.uuid, variant.path, variant.name)


def _finding(row: FileRow, invariant: int, words: str, fix: Fix) -> Finding:
    return Finding(invariant, words, fix, row.id, row.uuid, row.path)


def _confirmed(suspects: list[Finding]) -> Iterator[Finding]:
    """Drop findings whose file was deleted or changed since it was read."""
    fresh = rows.by_id(file_ids(suspects))
    for suspect in suspects:
        row = fresh.get(suspect.file_id or 0)
        if row is not None and still_expected(suspect, row) is not None:
            yield suspect
