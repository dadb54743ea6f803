"""Make missing variants in parallel; safe beside a running server, since claims prevent double work."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, and_, func, or_, select

from app.errors import AppError, Invalid
from app.imaging import variants
from app.models import File, ProcessingStatus, Variant, utc_now
from app.services import lookup
from app.services.maintenance import rows
from app.services.maintenance.findings import AT_UPLOAD
from app.services.progress import Position, Progress, silent
from app.services.queue import Queue
from app.services.thumbnail_service import ThumbnailService
from app.services.transactions import reading
from app.services.variants import processing, store
from app.services.variants.single import SingleVariant

MADE, FAILED, ELSEWHERE = "made", "failed", "elsewhere"
SAVE_EVERY = 50


@dataclass(frozen=True)
class Wanted:
    """The variants to make: all that are made at upload, or one by name; in one collection or in all.

    With `force`, existing variants are made again. Raises Invalid for an unknown variant.
    """

    variant: str | None = None
    collection_uuid: str | None = None
    force: bool = False

    def __post_init__(self) -> None:
        try:
            variants.by_key(self.variant or AT_UPLOAD[0])
        except KeyError:
            names = ", ".join(spec.name for spec in variants.LADDER)
            raise Invalid(f"There is no variant '{self.variant}'. Choose one of {names}.") from None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the variants to make."""
        return (self.variant,) if self.variant else AT_UPLOAD

    @property
    def on_demand(self) -> bool:
        """Whether the variant is made on demand and not at upload."""
        return self.variant is not None and not variants.by_key(self.variant).at_upload


@dataclass(frozen=True, slots=True)
class Done:
    """The result for one file: `made`, `failed` with a reason, or `elsewhere` if another worker has or had it."""

    file_id: int
    result: str
    uuid: str = ""
    words: str = ""
    name: str = ""  # the original filename, if it failed

    def as_json(self) -> dict[str, Any]:
        """Return the item as printed by `--json`."""
        return {"file": self.uuid, "name": self.name, "words": self.words}


class Backfill:
    """Makes the wanted variants in the order of upload; must be created inside an app context.

    An interrupted run is resumed by making what is still missing. With `force` nothing is missing, so the position is
    saved.
    """

    def __init__(self, wanted: Wanted, progress: Progress = silent) -> None:
        self._wanted = wanted
        self._progress = progress
        self._app = current_app._get_current_object()  # type: ignore[attr-defined]
        self._conditions: list[rows.Condition] = [
            lookup.is_live(File),
            File.upload_complete,
            lookup.is_picture(),
            *self._scope(),
        ]
        self._position = Position(Path(current_app.config["MAINTENANCE_PATH"]), self._name())
        self.after = self._position.after if wanted.force else 0

    def total(self) -> int:
        """Return the number of files to process."""
        return rows.count(File.id > self.after, *self._conditions)

    def dry_run(self) -> int:
        """Return the number of files to process, by reading their ids in batches as `run` does."""
        with self._progress("Counting", self.total()) as advance:
            found = 0
            for batch in rows.ids(*self._conditions, after=self.after):
                found += len(batch)
                advance(len(batch))
        return found

    def run(self, workers: int) -> Generator[Done, None, None]:
        """Process all files, `workers` at a time, each in a separate app context; yields in the order of upload."""
        pool = ThreadPoolExecutor(workers, thread_name_prefix="backfill")
        try:
            with self._progress("Making variants", self.total()) as advance:
                for batch in rows.ids(*self._conditions, after=self.after):
                    for done in pool.map(self._one, batch):
                        self._reached(done.file_id)
                        yield done
                        advance(1)
            self._position.forget()
        finally:
            pool.shutdown(cancel_futures=True)  # waits for running files, so that no claim is left behind
            if self._wanted.force and self._position.after:
                self._position.save()

    def hand_over(self, queue: Queue | None) -> int:
        """Hand all files to the workers of a running server, or of the queue; returns their number.

        Raises Invalid for a variant on demand without a queue, because rows cannot request one.
        """
        if self._wanted.on_demand and queue is None:
            raise Invalid("A variant on demand can be handed over only with QUEUE_URL. Run without --hand-over.")
        handed = 0
        with self._progress("Handing over", self.total()) as advance:
            for batch in rows.ids(*self._conditions, after=self.after):
                if not self._wanted.on_demand:
                    processing.restart_all(batch, *self._still_wanted())
                if queue is not None:
                    self._submit(queue, batch)
                handed += len(batch)
                advance(len(batch))
        return handed

    def _submit(self, queue: Queue, batch: list[int]) -> None:
        variant = self._wanted.variant if self._wanted.on_demand else None
        for file_id in batch:
            queue.submit(file_id, variant, background=True)

    def _reached(self, file_id: int) -> None:
        self._position.reached(file_id)
        if self._wanted.force and file_id % SAVE_EVERY == 0:
            self._position.save()

    def _name(self) -> str:
        return "-".join(["backfill", self._wanted.variant or "all", self._wanted.collection_uuid or "everywhere"])

    def _scope(self) -> Iterator[ColumnElement[bool]]:
        if self._wanted.collection_uuid:
            yield File.collection_id == _collection_id(self._wanted.collection_uuid)
        completed = File.processing_status == ProcessingStatus.COMPLETED
        if self._wanted.on_demand:
            yield completed if self._wanted.force else and_(completed, self._lacking())
        elif not self._wanted.force:
            yield or_(processing.is_due(utc_now()), and_(completed, self._lacking()))

    def _lacking(self) -> ColumnElement[bool]:
        names = self._wanted.names
        made = select(func.count()).select_from(Variant).where(Variant.file_id == File.id, Variant.name.in_(names))
        return made.correlate(File).scalar_subquery() < len(names)

    def _one(self, file_id: int) -> Done:
        with self._app.app_context():
            try:
                done = self._on_demand(file_id) if self._wanted.on_demand else self._at_upload(file_id)
                return _named(done) if done.result == FAILED else done
            except AppError as error:  # a busy database must not end a run of hours
                return Done(file_id, FAILED, words=error.message, name=f"file {file_id}")

    def _at_upload(self, file_id: int) -> Done:
        """Make the variants under a claim, which one worker gets; skips files that were completed in between."""
        processing.restart(file_id, *self._still_wanted())
        outcome = ThumbnailService().process(file_id)
        if outcome is None:
            return Done(file_id, ELSEWHERE)
        if outcome.error is not None:
            return Done(file_id, FAILED, outcome.uuid, outcome.error.message)
        return Done(file_id, MADE, outcome.uuid)

    def _still_wanted(self) -> tuple[ColumnElement[bool], ...]:
        """The conditions under which a file may be restarted, checked in the statement that restarts it."""
        return () if self._wanted.force else (File.processing_status == ProcessingStatus.COMPLETED, self._lacking())

    def _on_demand(self, file_id: int) -> Done:
        name = self._wanted.names[0]
        if self._wanted.force:
            store.forget(file_id, name)
        if SingleVariant().make(file_id, name):
            return Done(file_id, MADE)
        uuid, made = _state(file_id, name)
        if made or uuid is None:
            return Done(file_id, ELSEWHERE)
        return Done(file_id, FAILED, uuid, f"The variant {name} was not made; the log says why.")


def _collection_id(uuid: str) -> int:
    """Return the id of a collection; raises NotFound."""
    return lookup.by_uuid(uuid).id


def _named(done: Done) -> Done:
    with reading() as session:
        name = session.scalar(select(File.original_filename).where(File.id == done.file_id))
    return replace(done, name=name or f"file {done.file_id}")


def _state(file_id: int, name: str) -> tuple[str | None, bool]:
    row = rows.by_id([file_id]).get(file_id)
    return (row.uuid, row.variant(name) is not None) if row else (None, False)
