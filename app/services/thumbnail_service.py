"""Variants made at upload: download the original, render, store, record."""

from __future__ import annotations

import io
import logging
from base64 import b64encode
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from flask import current_app
from PIL import Image

from app.errors import AppError, ImageError, ImageNoPreview, NotFound, StorageError
from app.imaging import render, variants
from app.imaging.limits import Limits
from app.models import File, ProcessingStatus, Variant, db
from app.services.collections import camera_clocks, capture_time
from app.services.storage_service import StorageService, variant_key
from app.services.transactions import reading, transaction
from app.services.variants import claims, processing, store
from app.services.variants.claims import Claim, HeldClaim
from app.services.variants.store import PATH_COLUMNS, Original, VariantStore

logger = logging.getLogger(__name__)

DOCUMENT = "application/octet-stream"
Size = int | tuple[int | None, int | None]


@dataclass(frozen=True)
class Outcome:
    """The result of one run: the names of the variants stored, and the error that stopped it, if any."""

    uuid: str
    made: tuple[str, ...] = ()
    error: AppError | None = None

    def as_result(self) -> dict[str, Any]:
        """Return the dictionary that `generate_all_variants` returns."""
        made = {"success": self.error is None, "variants_generated": list(self.made), "file_uuid": self.uuid}
        return made | ({"error": self.error.message} if self.error else {})


class ThumbnailService:
    """Makes and records the variants of files; must be used inside an app context."""

    def __init__(self, storage: StorageService | None = None) -> None:
        self._store = VariantStore(storage or StorageService())
        self._limits = Limits(max_megapixels=current_app.config["MAX_IMAGE_MEGAPIXELS"])

    def generate_all_variants(self, file_record: File) -> dict[str, Any]:
        """Make the missing variants of a file: `{success, variants_generated, file_uuid}`, plus `error` on failure.

        Raises NotFound if the file was deleted.
        """
        return self._generate(file_record.id).as_result()

    def batch_generate_variants(self, file_records: Sequence[File], max_workers: int = 3) -> dict[str, Any]:
        """Make the missing variants of files: `{total, successful, failed, results}`, results in the order given."""
        with reading():
            wanted = [(record.id, record.uuid) for record in file_records]
        app = current_app._get_current_object()  # type: ignore[attr-defined]

        def generate(each: tuple[int, str]) -> dict[str, Any]:
            file_id, uuid = each
            try:
                with app.app_context():
                    return self._generate(file_id).as_result()
            except AppError as error:  # a deleted file or a busy database must not lose the other results
                return Outcome(uuid, error=error).as_result()

        with ThreadPoolExecutor(max_workers) as pool:
            results = list(pool.map(generate, wanted))
        successful = sum(result["success"] for result in results)
        return {
            "total": len(results),
            "successful": successful,
            "failed": len(results) - successful,
            "results": results,
        }

    def process(self, file_id: int) -> Outcome | None:
        """Claim a due file and make its variants; returns None if it is not due or already claimed."""
        claim = claims.acquire(file_id)
        return self._work(claim) if claim else None

    def _generate(self, file_id: int) -> Outcome:
        file = db.session.get(File, file_id)
        if file is None or file.is_deleted:
            raise NotFound
        uuid = file.uuid
        if not file.is_image:
            return Outcome(uuid, error=ImageError("This file is not a picture, so it has no variants."))
        if _is_done(file):
            return Outcome(uuid)
        processing.restart(file_id)
        claim = claims.acquire(file_id)
        if claim is None:
            return Outcome(uuid, error=AppError("This file is being prepared by another worker."))
        return self._work(claim)

    def _work(self, claim: Claim) -> Outcome:
        with reading() as session:
            original = Original.of(session.get_one(File, claim.file_id))
        with HeldClaim(claim) as lease:
            try:
                with self._store.fetched(original, lease) as stream:
                    lease.touch()
                    with render.render(stream, variants.AT_UPLOAD, self._limits) as picture:
                        rows, failure = self._store.keep(original, picture, lease)
                        return self._record(claim, original, rows, failure, self._facts(picture))
            except ImageNoPreview:
                # A camera RAW without an embedded preview is no failure: it is offered as a download.
                return self._record(claim, original, [], None, {"mime_type": DOCUMENT})
            except (ImageError, StorageError) as error:
                return self._record(claim, original, [], error, {})
            except OSError as error:  # of the local disk, full or failing
                return self._record(claim, original, [], store.disk_error(error), {})

    def _record(
        self, claim: Claim, original: Original, rows: list[Variant], error: AppError | None, facts: dict[str, Any]
    ) -> Outcome:
        outcome = Outcome(original.uuid, tuple(row.name for row in rows), error)
        paths = {PATH_COLUMNS[row.name]: row.path for row in rows if row.name in PATH_COLUMNS}
        with transaction() as session:
            before = camera_clocks.lock_for(session, claim.file_id) if "taken_at" in facts else None
            kept = claims.settle(session, claim, error, **paths, **facts)
            if kept:
                store.record(session, rows)
            if kept and before:
                camera_clocks.apply_to(session, before)
        if not kept:
            lost = AppError("This file was taken over by another worker, or deleted.")
            outcome = replace(outcome, made=(), error=lost)
            self._withdraw(claim, original, rows)
        self._log(claim, outcome)
        return outcome

    def _withdraw(self, claim: Claim, original: Original, rows: list[Variant]) -> None:
        """Delete the objects made if the file was deleted during the work."""
        if claims.may_discard(claim):
            self._store.discard(original, rows)
            claims.release(claim)

    @staticmethod
    def _facts(picture: render.Picture) -> dict[str, Any]:
        return {
            "width": picture.width,
            "height": picture.height,
            **capture_time.facts_of(picture.metadata),
            "thumbhash": b64encode(picture.thumbhash).decode("ascii"),
            "metadata_json": picture.metadata.to_json() | (picture.damage.to_json() if picture.damage else {}),
        }

    @staticmethod
    def _log(claim: Claim, outcome: Outcome) -> None:
        if outcome.error is None:
            logger.info("variants ready file=%s made=%s", outcome.uuid, ",".join(outcome.made))
        else:
            logger.warning(
                "variants failed file=%s code=%s attempt=%d: %s",
                outcome.uuid, outcome.error.code, claim.attempt, outcome.error.message,
            )  # fmt: skip

    # --- public despite their names: used by scripts --------------------------------------

    @staticmethod
    def _resize_image(
        image: Image.Image,
        size: Size | None = None,
        quality: int = variants.by_name("medium").quality,
        crop_to_fit: bool = False,
        *,
        target_size: Size | None = None,
    ) -> io.BytesIO:
        """Return a progressive JPEG of an image, scaled to fit a size in pixels, or cropped to it with `crop_to_fit`.

        The size is (width, height), or one number for both; `target_size` is an alias. Raises TypeError if neither or
        both are given.
        """
        return render.resize(image, _one_size(size, target_size), quality, crop_to_fit)

    @staticmethod
    def _generate_variant_path(original_path: str, variant_type: str) -> str:
        """Return `collections/{uuid}/variants/{variant_type}_{stem}.jpg` for `collections/{uuid}/{stem}.{any}`."""
        return variant_key(original_path, variant_type)


def _one_size(size: Size | None, target_size: Size | None) -> tuple[int | None, int | None]:
    if size is not None and target_size is not None:
        raise TypeError("give size or target_size, not both")
    given = target_size if size is None else size
    if given is None:
        raise TypeError("a size is missing")
    return (given, given) if isinstance(given, int) else given


def _is_done(file: File) -> bool:
    """Return whether all variants made at upload exist; for older files without rows, whether both paths are set."""
    rows = {row.name for row in file.variants}
    missing = {spec.name for spec in variants.AT_UPLOAD} - rows if rows else set()
    recorded = bool(file.thumb_path and file.medium_path)
    return file.processing_status == ProcessingStatus.COMPLETED and recorded and not missing
