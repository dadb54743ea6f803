"""Retry failed files."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from app.models import File, ProcessingStatus
from app.services import lookup
from app.services.maintenance import rows
from app.services.progress import Progress, silent
from app.services.variants import processing

RETRYABLE = (ProcessingStatus.FAILED, ProcessingStatus.RETRYING)


def in_collection(uuid: str | None) -> tuple[ColumnElement[bool], ...]:
    """Return the condition for the files of a collection, or no condition for None; raises NotFound."""
    return (File.collection_id == lookup.by_uuid(uuid).id,) if uuid else ()


def retry_all(collection_uuid: str | None, progress: Progress = silent, *, dry_run: bool = False) -> int:
    """Restart files that failed or wait for a retry; returns their number. A dry run restarts none."""
    retryable = File.processing_status.in_(RETRYABLE)
    conditions = (lookup.is_live(File), retryable, *in_collection(collection_uuid))
    restarted = 0
    with progress("Restarting", rows.count(*conditions)) as advance:
        for batch in rows.ids(*conditions):
            restarted += len(batch) if dry_run else processing.restart_all(batch, retryable)
            advance(len(batch))
    return restarted
