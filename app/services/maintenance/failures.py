"""Another try for what failed."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from app.models import File, ProcessingStatus
from app.services import lookup
from app.services.maintenance import rows
from app.services.progress import Progress, silent
from app.services.variants import processing

TRYABLE = (ProcessingStatus.FAILED, ProcessingStatus.RETRYING)


def in_collection(uuid: str | None) -> tuple[ColumnElement[bool], ...]:
    """The condition for files of one collection, or none for all of them; raises NotFound."""
    return (File.collection_id == lookup.by_uuid(uuid).id,) if uuid else ()


def retry_all(collection_uuid: str | None, progress: Progress = silent, *, dry_run: bool = False) -> int:
    """Start what failed, or waits for another try, anew; returns how many (in a dry run: would)."""
    tryable = File.processing_status.in_(TRYABLE)
    conditions = (lookup.is_live(File), tryable, *in_collection(collection_uuid))
    restarted = 0
    with progress("Starting anew", rows.count(*conditions)) as advance:
        for batch in rows.ids(*conditions):
            restarted += len(batch) if dry_run else processing.restart_all(batch, tryable)
            advance(len(batch))
    return restarted
