"""Small variants of an original: download, render, upload, record."""

from __future__ import annotations

import io
import logging
import tempfile
from base64 import b64encode
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from flask import current_app
from PIL import Image
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.errors import AppError, ImageError, ImageNoPreview, NotFound, StorageError
from app.imaging import render, variants
from app.imaging.limits import Limits
from app.models import File, ProcessingStatus, Variant, db
from app.services import processing
from app.services.processing import Claim, Lease
from app.services.storage_service import StorageService, variant_key
from app.services.transactions import transaction

logger = logging.getLogger(__name__)

COPY_BYTES = 1 << 20
DOCUMENT = "application/octet-stream"
# The two paths that the table of files promises; every rendition has a row of its own besides.
PATH_COLUMNS = {"thumb": "thumb_path", "medium": "medium_path"}


@dataclass(frozen=True)
class Original:
    """What a worker needs to know of a file, free of any database session."""

    file_id: int
    uuid: str
    path: str
    backend: str


@dataclass(frozen=True)
class Outcome:
    """What one run made: names of the variants that are stored, and the error that stopped it, if any."""

    uuid: str
    made: tuple[str, ...] = ()
    error: AppError | None = None

    def as_result(self) -> dict[str, Any]:
        """The dictionary that `generate_all_variants` promises."""
        result: dict[str, Any] = {
            "success": self.error is None,
            "variants_generated": list(self.made),
            "file_uuid": self.uuid,
        }
        return result | ({"error": self.error.message} if self.error else {})


def as_utc(taken_at: datetime | None) -> datetime | None:
    """A time with a zone: what a camera says without one is kept as if its clock showed UTC, which keeps the order."""
    return taken_at.replace(tzinfo=UTC) if taken_at and taken_at.tzinfo is None else taken_at


class ThumbnailService:
    """Makes and records the variants of files; must be used inside an app context."""

    def __init__(self, storage: StorageService | None = None) -> None:
        self._storage = storage or StorageService()
        self._limits = Limits(max_megapixels=current_app.config["MAX_IMAGE_MEGAPIXELS"])

    def generate_all_variants(self, file_record: File) -> dict[str, Any]:
        """Make what is missing of one file now: `{success, variants_generated, file_uuid}`, plus `error` on failure."""
        return self._generate(file_record.id).as_result()

    def batch_generate_variants(self, file_records: Sequence[File], max_workers: int = 3) -> dict[str, Any]:
        """Make what is missing of many files: `{total, successful, failed, results}`, results in the order given."""
        file_ids = [record.id for record in file_records]
        db.session.rollback()
        app = current_app._get_current_object()  # type: ignore[attr-defined]

        def generate(file_id: int) -> dict[str, Any]:
            with app.app_context():
                return self._generate(file_id).as_result()

        with ThreadPoolExecutor(max_workers) as pool:
            results = list(pool.map(generate, file_ids))
        successful = sum(result["success"] for result in results)
        return {
            "total": len(results),
            "successful": successful,
            "failed": len(results) - successful,
            "results": results,
        }

    def process(self, file_id: int) -> Outcome | None:
        """What a worker does with a file that is due; None if it is not, or somebody else has it."""
        claim = processing.claim(file_id)
        return self._work(claim) if claim else None

    def _generate(self, file_id: int) -> Outcome:
        file = db.session.get(File, file_id)
        if file is None:
            raise NotFound
        uuid = file.uuid
        if not file.is_image:
            return Outcome(uuid, error=ImageError("This file is not a picture, so it has no variants."))
        if file.has_variants and file.processing_status == ProcessingStatus.COMPLETED:
            return Outcome(uuid, made=tuple(PATH_COLUMNS))
        claim = processing.claim(file_id, on_request=True)
        if claim is None:
            return Outcome(uuid, error=AppError("This file is being prepared by another worker."))
        return self._work(claim)

    def _work(self, claim: Claim) -> Outcome:
        original = self._original(claim.file_id)
        lease = Lease(claim)
        try:
            with self._fetched(original, lease) as stream:
                lease.touch()
                with render.render(stream, variants.AT_UPLOAD, self._limits) as picture:
                    outcome, rows = self._store(original, picture, lease)
                    return self._record(claim, picture, rows, outcome)
        except ImageNoPreview:
            return self._record_as_document(claim, original)
        except (ImageError, StorageError) as error:
            return self._record(claim, None, [], Outcome(original.uuid, error=error))

    def _record_as_document(self, claim: Claim, original: Original) -> Outcome:
        """A camera RAW without a picture inside is no failure: it is kept and shown as a file to download."""
        with transaction() as session:
            processing.settle(session, claim, **processing.completed(), mime_type=DOCUMENT)
        logger.info("no preview inside file=%s: shown as a document", original.uuid)
        return Outcome(original.uuid)

    def _original(self, file_id: int) -> Original:
        file = db.session.get_one(File, file_id)
        original = Original(file.id, file.uuid, file.storage_path, file.storage_backend)
        db.session.rollback()  # no transaction is open while pixels are made
        return original

    @contextmanager
    def _fetched(self, original: Original, lease: Lease) -> Any:
        """The original as a real file: the stored one, or a temporary copy of it."""
        storage = self._storage.named(original.backend)
        path = storage.local_path(original.path)
        if path is not None:
            with path.open("rb") as stream:
                yield stream
            return
        folder = Path(current_app.config["SPOOL_PATH"])
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as copy, storage.open(original.path) as source:
            while chunk := source.read(COPY_BYTES):
                copy.write(chunk)
                lease.touch()
            copy.seek(0)
            yield cast(BinaryIO, copy)

    def _store(self, original: Original, picture: render.Picture, lease: Lease) -> tuple[Outcome, list[Variant]]:
        """Upload each rendition; one that fails does not stop the others."""
        rows: list[Variant] = []
        outcome = Outcome(original.uuid)
        for rendition in picture.renditions:
            lease.touch()
            try:
                rows.append(self._store_one(original, rendition))
                outcome = replace(outcome, made=(*outcome.made, rendition.spec.name))
            except StorageError as error:
                outcome = replace(outcome, error=error)
        return outcome, rows

    def _store_one(self, original: Original, rendition: render.Rendition) -> Variant:
        stored = self._storage.upload_image_variant(
            rendition.stream, original.path, rendition.spec.name, rendition.mime, rendition.extension
        )
        return Variant(
            file_id=original.file_id,
            name=rendition.spec.name,
            format=rendition.spec.format,
            path=stored.key,
            width=rendition.width,
            height=rendition.height,
            size=rendition.size,
        )

    def _record(self, claim: Claim, picture: render.Picture | None, rows: list[Variant], outcome: Outcome) -> Outcome:
        values = self._result_columns(claim, outcome) | {
            PATH_COLUMNS[row.name]: row.path for row in rows if row.name in PATH_COLUMNS
        }
        if picture is not None:
            values |= self._facts(picture)
        with transaction() as session:
            if processing.settle(session, claim, **values):
                self._replace_rows(session, claim.file_id, rows)
            else:
                outcome = replace(outcome, error=AppError("Another worker took this file over."))
        self._log(claim, outcome)
        return outcome

    @staticmethod
    def _result_columns(claim: Claim, outcome: Outcome) -> dict[str, Any]:
        if outcome.error is None:
            return processing.completed()
        return processing.failed(claim, outcome.error, transient=outcome.error.transient)

    @staticmethod
    def _facts(picture: render.Picture) -> dict[str, Any]:
        return {
            "width": picture.width,
            "height": picture.height,
            "taken_at": as_utc(picture.metadata.taken_at),
            "thumbhash": b64encode(picture.thumbhash).decode("ascii"),
            "metadata_json": picture.metadata.to_json(),
        }

    @staticmethod
    def _replace_rows(session: Session, file_id: int, rows: list[Variant]) -> None:
        names = [row.name for row in rows]
        session.execute(delete(Variant).where(Variant.file_id == file_id, Variant.name.in_(names)))
        session.add_all(rows)

    @staticmethod
    def _log(claim: Claim, outcome: Outcome) -> None:
        if outcome.error is None:
            logger.info("variants ready file=%s made=%s", outcome.uuid, ",".join(outcome.made))
        else:
            logger.warning(
                "variants failed file=%s code=%s attempt=%d: %s",
                outcome.uuid, outcome.error.code, claim.attempt, outcome.error.message,
            )  # fmt: skip

    # --- the two pieces that scripts rely on by name --------------------------------------

    @staticmethod
    def _resize_image(
        image: Image.Image, size: tuple[int | None, int | None], quality: int, crop_to_fit: bool = False
    ) -> io.BytesIO:
        """One picture as a progressive JPEG that fits, or with `crop_to_fit` fills, the size in pixels."""
        return render.resize(image, size, quality, crop_to_fit)

    @staticmethod
    def _generate_variant_path(original_path: str, variant_type: str) -> str:
        """`collections/{uuid}/variants/{variant_type}_{stem}.jpg` for `collections/{uuid}/{stem}.{any}`."""
        return variant_key(original_path, variant_type)
