"""Making the variants that pictures lack, many at a time, beside a server at work and never doing its work twice."""

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
    """What is to be made: the variants of every upload, or one by name; in one collection, or in all."""

    variant: str | None = None
    collection_uuid: str | None = None
    force: bool = False

    def __post_init__(self) -> None:
        """Raises Invalid for a variant that neither the ladder has nor could be a sibling of one there."""
        try:
            variants.by_key(self.variant or AT_UPLOAD[0])
        except KeyError:
            names = ", ".join(spec.name for spec in variants.LADDER)
            raise Invalid(f"There is no variant '{self.variant}'; there are {names}.") from None

    @property
    def names(self) -> tuple[str, ...]:
        """The variants by name."""
        return (self.variant,) if self.variant else AT_UPLOAD

    @property
    def on_demand(self) -> bool:
        """Whether it is a variant that no upload waits for."""
        return self.variant is not None and not variants.by_key(self.variant).at_upload


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one file: `made`, `failed` with a reason, or `elsewhere` if another worker has or had it."""

    file_id: int
    result: str
    uuid: str = ""
    words: str = ""
    name: str = ""  # of one that failed: what the photographer called it

    def as_json(self) -> dict[str, Any]:
        """What `--json` says of it."""
        return {"file": self.uuid, "name": self.name, "words": self.words}


class Backfill:
    """Works through what is wanted in the order of upload; must be made inside an app context.

    What is made is not lacking any more, which is how an interrupted run goes on. With `force` nothing lacks, so
    there a position is kept.
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
        """How many files there are to do."""
        return rows.count(File.id > self.after, *self._conditions)

    def dry_run(self) -> int:
        """The same, by walking through them as `run` does."""
        with self._progress("Looking", self.total()) as advance:
            found = 0
            for batch in rows.ids(*self._conditions, after=self.after):
                found += len(batch)
                advance(len(batch))
        return found

    def run(self, workers: int) -> Generator[Done, None, None]:
        """Do them all, `workers` at a time, each in an app context of its own; yields in the order of upload."""
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
            pool.shutdown(cancel_futures=True)  # what runs is finished, so that no claim is left behind
            if self._wanted.force and self._position.after:
                self._position.save()

    def hand_over(self, queue: Queue | None) -> int:
        """Leave the making to the workers of a running server, and to those behind the queue; returns how many.

        Raises Invalid for a variant on demand without a queue, since no row can ask for it.
        """
        if self._wanted.on_demand and queue is None:
            raise Invalid("Without QUEUE_URL only this command itself can make a variant on demand.")
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
        """Through a claim, which of all workers everywhere one gets; what another made meanwhile is not restarted."""
        processing.restart(file_id, *self._still_wanted())
        outcome = ThumbnailService().process(file_id)
        if outcome is None:
            return Done(file_id, ELSEWHERE)
        if outcome.error is not None:
            return Done(file_id, FAILED, outcome.uuid, outcome.error.message)
        return Done(file_id, MADE, outcome.uuid)

    def _still_wanted(self) -> tuple[ColumnElement[bool], ...]:
        """What must hold for a file that is to be started anew, at the moment when it is."""
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
    """The id of a collection; raises NotFound."""
    return lookup.by_uuid(uuid).id


def _named(done: Done) -> Done:
    with reading() as session:
        name = session.scalar(select(File.original_filename).where(File.id == done.file_id))
    return replace(done, name=name or f"file {done.file_id}")


def _state(file_id: int, name: str) -> tuple[str | None, bool]:
    row = rows.by_id([file_id]).get(file_id)
    return (row.uuid, row.variant(name) is not None) if row else (None, False)
